import { eq } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import type { Agent } from "../../catalog/agent.ts";
import { currentRelease, imageRef } from "../../catalog/catalog.ts";
import { findApiKeyProblem, findModelProblem } from "../../catalog/models.ts";
import { instances } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { newGeneratedSecret, newSubdomain } from "../../ids.ts";
import { bornRecord, type CreateCommand } from "../../instance/contract.ts";
import { type InstanceRow, projectInstance } from "../../instance/projection.ts";
import type { Access } from "../../instance/record.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { MachineSpec } from "../../providers/provider.ts";
import { requireBudget } from "../account/budget.ts";
import { insertWithinQuota, quotaExceeded } from "../account/quota.ts";
import { liveAgents } from "../catalog/live.ts";
import { commit } from "../commit.ts";
import { type Ctx, causeOf } from "../context.ts";
import { choosePlacement, type Placement, type PublicProvider } from "./placement.ts";
import { type RecipeInputs, renderFor, sealRecipe } from "./rendering.ts";
import { driveUntilSettled } from "./settle.ts";
import { requireSleepable } from "./sleep.ts";
import { requireAccessOffered } from "./update.ts";

export interface CreateInput {
  /** Reserved before, so that the same request made twice makes one instance. */
  id: string;
  name?: string;
  agentType: string;
  modelProvider: string;
  modelName: string;
  apiKey: string;
  /** Absent: the one that has the region, else the deployment's default. */
  provider?: PublicProvider;
  region?: string;
  spec?: Partial<MachineSpec>;
  env?: Record<string, string>;
  labels?: Record<string, string>;
  /** Absent: whoever has its URL may open it. */
  access?: Access;
  /** Suspended after so long without use; absent or null: never. */
  idleTimeoutSeconds?: number | null;
  /** Of an instance in this account. */
  clonedFrom?: string;
  /** The vendor's volume to begin with a copy of. */
  sourceVolume?: string;
  /** How long to wait for it to run, in seconds; 0 answers at once. */
  waitSeconds: number;
}

/** Accepts a new instance: a row, an audit event, then its object, which sees to the rest. */
export async function createInstance(ctx: Ctx, input: CreateInput): Promise<InstanceRow> {
  if (ctx.config.sealingKeys.length === 0) {
    throw new AppError("not_configured", "No sealing key is set, so the model key cannot be kept safely.", {
      hint: "The operator sets SEALING_KEYS.",
    });
  }
  requireAccessOffered(ctx, input.access ?? "link");
  const agent = checkInput(await liveAgents(ctx.env, ctx.now), input);
  const { provider, region } = input;
  const placement = choosePlacement(ctx.config, { provider, region, spec: { ...agent.size, ...input.spec } });
  if (placement.provider !== "fly" && input.sourceVolume !== undefined) {
    throw new AppError("invalid_request", "This provider cannot copy a volume.", {
      hint: "Clone without the data, and move it by hand: gentity compute exec",
    });
  }
  if (typeof input.idleTimeoutSeconds === "number") {
    requireSleepable({ ...placement, exposure: "public" }, "idleTimeoutSeconds");
  }
  await requireBudget(ctx);
  const command = await reserveRow(ctx, agent, { ...input, placement });
  const stub = instanceStub(ctx.env, command.id);
  const row = await stub.create(command);
  return input.waitSeconds > 0 ? driveUntilSettled(ctx, stub, row, input.waitSeconds * 1000) : row;
}

type PlacedInput = CreateInput & { placement: Placement };

function checkInput(agents: readonly Agent[], input: CreateInput): Agent {
  const agent = agents.find(({ id }) => id === input.agentType);
  if (!agent) {
    throw new AppError("unknown_agent", `There is no agent "${input.agentType}".`, {
      hint: `One of: ${agents.map(({ id }) => id).join(", ")}. See them with: gentity agents`,
    });
  }
  const model = { provider: input.modelProvider, name: input.modelName };
  refuse("model_not_accepted", findModelProblem(agent, currentRelease(agent), model));
  refuse(
    "invalid_api_key",
    findApiKeyProblem(input.apiKey),
    "Pass the key of the model's provider, e.g. --api-key sk-…",
  );
  return agent;
}

function refuse(code: "model_not_accepted" | "invalid_api_key", problem?: string, hint?: string) {
  if (problem !== undefined) {
    throw new AppError(code, problem, { hint });
  }
}

/**
 * Writes the row and its audit event. When the row is there already (the same reserved id: an earlier try was cut off
 * before its answer), its names are taken over and nothing is written twice.
 */
async function reserveRow(ctx: Ctx, agent: Agent, input: PlacedInput): Promise<CreateCommand> {
  const [known] = await ctx.db.select().from(instances).where(eq(instances.id, input.id)).limit(1);
  const command = await buildCommand(ctx, agent, input, known?.subdomain ?? newSubdomain(agent.prefix));
  if (known) {
    return { ...command, createdAt: known.createdAt };
  }
  const view = { record: bornRecord(command, ctx.now), state: "creating" as const, since: ctx.now };
  const audit = auditEntry({
    accountId: ctx.accountId,
    instanceId: command.id,
    actor: ctx.actor,
    action: "instance.create",
    target: command.id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: {
      agentType: agent.id,
      release: command.pin.release,
      provider: command.provider,
      region: command.region,
      spec: command.spec,
      ...(input.clonedFrom !== undefined && { clonedFrom: input.clonedFrom }),
    },
  });
  const mutation = insertWithinQuota(ctx.db, { ...projectInstance(view), version: 0 });
  if (!(await commit(ctx.db, mutation, audit))) {
    throw await quotaExceeded(ctx.db, ctx.accountId, command.spec);
  }
  return command;
}

async function buildCommand(
  ctx: Ctx,
  agent: Agent,
  input: PlacedInput,
  subdomain: string,
): Promise<CreateCommand> {
  const release = currentRelease(agent);
  const model = { provider: input.modelProvider, name: input.modelName };
  const inputs: RecipeInputs = {
    apiKey: input.apiKey,
    env: input.env ?? {},
    secret: newGeneratedSecret(),
    // On a copied volume the source's config files lie already, with its secret and its address in them.
    edition: input.sourceVolume === undefined ? null : input.id,
  };
  const { provider, region, spec } = input.placement;
  const target = { instanceId: input.id, accountId: ctx.accountId, subdomain, provider, release, model };
  const recipe = await renderFor(ctx.config, target, inputs);
  return {
    id: input.id,
    accountId: ctx.accountId,
    subdomain,
    name: input.name ?? `${agent.name} - ${input.modelName}`,
    agentType: agent.id,
    pin: { release: release.release, image: imageRef(release) },
    modelProvider: input.modelProvider,
    modelName: input.modelName,
    provider,
    region,
    spec,
    exposure: "public",
    service: { port: recipe.port, healthPath: recipe.healthPath },
    workspaceId: null,
    labels: input.labels ?? {},
    access: input.access ?? "link",
    ...(await sealRecipe(ctx.config, input.id, { recipe, inputs })),
    sourceVolume: input.sourceVolume ?? null,
    idleTimeoutSeconds: input.idleTimeoutSeconds ?? null,
    createdAt: ctx.now,
    cause: causeOf(ctx),
  };
}
