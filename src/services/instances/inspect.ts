import type { Details } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { describeError, logEvent } from "../../log.ts";
import type { Ctx } from "../context.ts";
import { openInputs } from "./rendering.ts";
import { notFound, resolveInstanceForDelete } from "./resolve.ts";

/** Everything of one instance that is shown on its page. */
export interface Inspected extends Pick<Details, "now" | "hold" | "offer"> {
  /** The names of what its owner set, never a value; null where they cannot be read. */
  envNames: string[] | null;
}

/** By id, subdomain or prefix; by its whole id also one that was deleted. */
export function findForPage(ctx: Ctx, name: string): Promise<InstanceRow> {
  return resolveInstanceForDelete(ctx, name);
}

/** As it is now, from its object: one request to it. */
export async function inspectInstance(ctx: Ctx, row: InstanceRow): Promise<Inspected> {
  const stub = instanceStub(ctx.env, row.id);
  const details = await stub.details(ctx.accountId);
  if (details) {
    const { now, hold, offer, sealedInputs } = details;
    return { now, hold, offer, envNames: await envNamesOf(ctx, row.id, sealedInputs) };
  }
  // There is an object, and it is another account's by now, whatever the records still say.
  if (await stub.get()) {
    throw notFound(row.id);
  }
  return { now: { ...row, awake: null, step: null }, hold: null, offer: null, envNames: null };
}

async function envNamesOf(ctx: Ctx, id: string, sealed: string | null): Promise<string[] | null> {
  if (sealed === null) {
    return null;
  }
  try {
    const { env } = await openInputs(ctx.config, id, sealed);
    return Object.keys(env).toSorted();
  } catch (error) {
    // A key that is no longer in the ring costs the page a line, and not the page.
    logEvent("instance.inputs_unread", { level: "error", instanceId: id, cause: describeError(error) });
    return null;
  }
}
