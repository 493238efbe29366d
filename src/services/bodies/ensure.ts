import { and, eq, isNull } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { findRegionProblem } from "../../catalog/regions.ts";
import { findSizeProblems } from "../../catalog/sizes.ts";
import { instances } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { newInstanceId } from "../../ids.ts";
import { bornRecord } from "../../instance/contract.ts";
import { type InstanceRow, projectInstance } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { MachineSpec } from "../../providers/provider.ts";
import { requireBudget } from "../account/budget.ts";
import { insertWithinQuota, quotaExceeded } from "../account/quota.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import { deleteInstance } from "../instances/act.ts";
import { driveUntilSettled } from "../instances/settle.ts";
import { BODY_AGENT, type BodyTraits, bodyCommand } from "./command.ts";
import { chooseBodyProvider } from "./provider.ts";

export interface EnsureInput {
  workspaceId: string;
  /** What it is wanted for: the name of a new one. */
  goal?: string;
  /** Of a new one; the one that is there stays as it is. */
  spec?: Partial<MachineSpec>;
  image?: string;
}

const NAME_MAX = 100;
const GOAL_SHOWN = 200;
/** One that is on its way out is waited for this long, in milliseconds. */
const REMOVAL_MS = 60_000;
/** Each try after the first follows a removal, or somebody who was faster. */
const TRIES = 3;

/**
 * The workspace's body, or a new one: of any number that ask at once, one makes it and all get it. One whose creation failed
 * has nothing at the vendor any more, and is replaced.
 */
export async function ensureBody(
  ctx: Ctx,
  input: EnsureInput,
): Promise<{ row: InstanceRow; isNew: boolean }> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await findBody(ctx, input.workspaceId);
    const known = found && (await reviveOrClear(ctx, found));
    if (known) {
      return { row: known, isNew: false };
    }
    const traits = checkTraits(ctx, input);
    await requireBudget(ctx);
    if (await reserve(ctx, traits, input.goal)) {
      return { row: await beget(ctx, traits), isNew: true };
    }
    if (!(await findBody(ctx, input.workspaceId))) {
      throw await quotaExceeded(ctx.db, ctx.accountId, traits.spec);
    }
  }
  throw new AppError("invalid_state", `The body of the workspace "${input.workspaceId}" is being deleted.`, {
    hint: "Wait until it is gone, then try again. See it with: gentity fleet",
    details: [{ status: "deleting" }],
  });
}

async function findBody(ctx: Ctx, workspaceId: string): Promise<InstanceRow | undefined> {
  const [row] = await ctx.db
    .select()
    .from(instances)
    .where(
      and(
        eq(instances.accountId, ctx.accountId),
        eq(instances.workspaceId, workspaceId),
        isNull(instances.deletedAt),
      ),
    )
    .limit(1);
  return row;
}

/** The body as it is now; undefined where nothing is left of it, so that a new one may take its place. */
async function reviveOrClear(ctx: Ctx, found: InstanceRow): Promise<InstanceRow | undefined> {
  const stub = instanceStub(ctx.env, found.id);
  // Whoever wrote the row may not have reached the object yet, or never will.
  const row = (await stub.get()) ?? (await beget(ctx, found));
  if (row.state === "error" && row.machine === null) {
    await deleteInstance(ctx, row.id);
    return undefined;
  }
  if (row.state !== "deleting" && row.state !== "deleted") {
    return row;
  }
  // Also for one that is gone: the records catch up before this answers.
  await driveUntilSettled(ctx, stub, row, REMOVAL_MS);
  return undefined;
}

function checkTraits(ctx: Ctx, input: EnsureInput): BodyTraits {
  const { bodies, sealingKeys } = ctx.config;
  const { provider, region } = chooseBodyProvider(ctx.config);
  if (sealingKeys.length === 0) {
    throw new AppError("not_configured", "No sealing key is set, so nothing can be kept safely.", {
      hint: "The operator sets SEALING_KEYS.",
    });
  }
  const spec = { ...bodies.spec, ...input.spec };
  const sizeProblems = provider === "fly" ? findSizeProblems(spec) : [];
  if (sizeProblems.length > 0) {
    throw new AppError("invalid_size", sizeProblems.join(" "));
  }
  const regionProblem = provider === "fly" ? findRegionProblem(region) : undefined;
  if (regionProblem !== undefined) {
    throw new AppError("unknown_region", regionProblem, { hint: "The operator corrects BODY_REGION." });
  }
  return {
    id: newInstanceId(),
    accountId: ctx.accountId,
    workspaceId: input.workspaceId,
    name: Array.from(input.goal?.trim() || `Body of ${input.workspaceId}`)
      .slice(0, NAME_MAX)
      .join(""),
    image: input.image ?? bodies.image,
    provider,
    region,
    spec,
    idleTimeoutSeconds: bodies.idleTimeoutSeconds,
    createdAt: ctx.now,
  };
}

/** @returns whether the row was written; not where the workspace has a body by now, nor beyond the quota. */
async function reserve(ctx: Ctx, traits: BodyTraits, goal: string | undefined): Promise<boolean> {
  const record = bornRecord(await bodyCommand(ctx, traits), ctx.now);
  const row = projectInstance({ record, state: "creating", since: ctx.now });
  const { workspaceId, image, provider, region, spec } = traits;
  const audit = auditEntry({
    accountId: ctx.accountId,
    instanceId: traits.id,
    actor: ctx.actor,
    action: "instance.create",
    target: traits.id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: {
      agentType: BODY_AGENT,
      workspaceId,
      image,
      provider,
      region,
      spec,
      ...(goal === undefined ? {} : { goal: goal.slice(0, GOAL_SHOWN) }),
    },
  });
  const mutation = insertWithinQuota(ctx.db, { ...row, version: 0 }).onConflictDoNothing();
  return commit(ctx.db, mutation, audit);
}

async function beget(ctx: Ctx, traits: BodyTraits): Promise<InstanceRow> {
  return instanceStub(ctx.env, traits.id).create(await bodyCommand(ctx, traits));
}
