import { AppError } from "../../errors.ts";
import type { Basis } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { pinnedRelease } from "../catalog/live.ts";
import { type Ctx, causeOf } from "../context.ts";
import { openInputs, renderFor, type SealedRecipe, sealRecipe } from "./rendering.ts";
import { notFound, requirePublic, resolveInstance } from "./resolve.ts";
import { reserveSubdomain } from "./subdomain.ts";

/** Somebody else moved it meanwhile; nobody does so for ever. */
const TRIES = 3;

/**
 * Moves an instance to a new address. The old one is dead at once, and within ten seconds wherever its route was in memory.
 * What is connected already stays connected. A config file that an agent wrote at its first boot keeps the old name.
 */
export async function rotateUrl(ctx: Ctx, name: string): Promise<InstanceRow> {
  const row = await resolveInstance(ctx, name);
  requirePublic(row, "it has no address");
  const { id } = row;
  const stub = instanceStub(ctx.env, id);
  for (let tries = 0; tries < TRIES; tries++) {
    const basis = await stub.basis(ctx.accountId);
    if (!basis) {
      throw notFound(name);
    }
    const from = basis.row.subdomain;
    const subdomain = await reserveSubdomain(ctx, basis.row);
    const recipe = await renderMoved(ctx, basis, subdomain);
    const verdict = await stub.rotate({ from, subdomain, recipe }, causeOf(ctx));
    switch (verdict?.type) {
      case "accepted": {
        return (await stub.get()) ?? basis.row;
      }
      case "conflict":
        throw new AppError("invalid_state", verdict.message, {
          hint: verdict.hint,
          details: [{ status: basis.row.state }],
        });
      case "stale":
        continue;
      default:
        throw notFound(name);
    }
  }
  throw new AppError("invalid_state", "The instance is being moved by somebody else.", {
    hint: "Look at it, then try again.",
  });
}

/** Undefined where the recipe does not say the address, or cannot be rendered anew: then the machine keeps what it has. */
async function renderMoved(ctx: Ctx, basis: Basis, subdomain: string): Promise<SealedRecipe | undefined> {
  const { row, sealedInputs } = basis;
  const release = await pinnedRelease(ctx.env, row.agentType, row.release);
  if (!release || sealedInputs === null) {
    return undefined;
  }
  const inputs = await openInputs(ctx.config, row.id, sealedInputs);
  const model = { provider: row.modelProvider, name: row.modelName };
  const { id: instanceId, provider } = row;
  const target = { instanceId, accountId: row.accountId, subdomain, provider, release, model };
  const recipe = await renderFor(ctx.config, target, inputs);
  const before = await renderFor(ctx.config, { ...target, subdomain: row.subdomain }, inputs);
  return JSON.stringify(recipe) === JSON.stringify(before)
    ? undefined
    : sealRecipe(ctx.config, row.id, { recipe, inputs });
}
