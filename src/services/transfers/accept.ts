import type { Release } from "../../catalog/agent.ts";
import { findApiKeyProblem } from "../../catalog/models.ts";
import { AppError } from "../../errors.ts";
import { newGeneratedSecret } from "../../ids.ts";
import type { Basis } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { Handover } from "../../instance/transfer.ts";
import { requireRoom } from "../account/quota.ts";
import { pinnedRelease } from "../catalog/live.ts";
import { type Ctx, causeOf } from "../context.ts";
import { openInputs, type RecipeInputs, renderFor, sealRecipe } from "../instances/rendering.ts";
import { reserveSubdomain } from "../instances/subdomain.ts";
import { requireRight } from "../require-right.ts";
import { getTransfer, partyOf, settledTransfer, type TransferView } from "./internal.ts";

/** The owner rotated its URL meanwhile; nobody does so for ever. */
const TRIES = 3;

/**
 * The instance becomes the caller's, all of it in one moment of its object. Its environment comes along without any model
 * key; its address, labels, access and generated secrets are new.
 */
export async function acceptTransfer(
  ctx: Ctx,
  { id, apiKey }: { id: string; apiKey?: string },
): Promise<{ transfer: TransferView; instance: InstanceRow }> {
  requireRight(ctx, "transfers");
  const problem = apiKey === undefined ? undefined : findApiKeyProblem(apiKey);
  if (problem !== undefined) {
    throw new AppError("invalid_api_key", problem, { hint: "Pass the key of the model's provider." });
  }
  const party = await partyOf(ctx);
  const known = await getTransfer(ctx, party, id);
  const stub = instanceStub(ctx.env, known.instanceId);
  for (let tries = 1; ; tries++) {
    const basis = await stub.basis(known.fromAccount);
    if (basis) {
      await requireRoom(ctx.db, ctx.accountId, basis.row.spec);
    }
    // Without one it is the source's no longer, and the object knows what became of the offer.
    const handover = basis && (await handOver(ctx, basis, { id, apiKey: apiKey ?? null }));
    const verdict = await stub.transfer({ type: "accept", id, party, handover }, causeOf(ctx));
    if (verdict?.type === "stale" && tries < TRIES) {
      continue;
    }
    const transfer = { ...known, ...settledTransfer(verdict, id) };
    const instance = await stub.get();
    if (!instance) {
      throw new AppError("internal", "The instance is gone.");
    }
    return { transfer, instance };
  }
}

async function handOver(
  ctx: Ctx,
  { row, sealedInputs }: Basis,
  { id, apiKey }: { id: string; apiKey: string | null },
): Promise<Handover> {
  const release = await pinnedRelease(ctx.env, row.agentType, row.release);
  if (!release || sealedInputs === null) {
    throw new AppError("invalid_state", "What this instance was made from was not kept.", {
      hint: "It cannot be transferred. Create a new one instead.",
    });
  }
  const before = await openInputs(ctx.config, row.id, sealedInputs);
  const inputs: RecipeInputs = {
    apiKey,
    env: withoutModelKeys(before, release),
    secret: newGeneratedSecret(),
    edition: id,
  };
  const subdomain = await reserveSubdomain(ctx, row);
  const model = { provider: row.modelProvider, name: row.modelName };
  const { id: instanceId, provider } = row;
  const target = { instanceId, accountId: ctx.accountId, subdomain, provider, release, model };
  const recipe = await renderFor(ctx.config, target, inputs);
  return {
    from: row.subdomain,
    subdomain,
    recipe: await sealRecipe(ctx.config, row.id, { recipe, inputs }),
    lacksModelKey: apiKey === null,
  };
}

/** The source may have set keys in the environment as well: of any provider that the agent takes, or its own once more. */
function withoutModelKeys({ env, apiKey }: RecipeInputs, release: Release): Record<string, string> {
  const names = new Set(release.recipe.providers.map(({ keyEnv }) => keyEnv));
  const kept = Object.entries(env).filter(
    ([name, value]) => !names.has(name) && (apiKey === null || !value.includes(apiKey)),
  );
  return Object.fromEntries(kept);
}
