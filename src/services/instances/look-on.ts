import type { Sight } from "../../instance/contract.ts";
import type { InstanceNow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { describeError, logEvent } from "../../log.ts";
import type { Ctx } from "../context.ts";

/** How long an object is asked to wait for a change, in milliseconds; what has become of it by then is told as well. */
const QUIET_MS = 20_000;
/** Before an object that failed is asked again, in milliseconds. */
const RETRY_MS = 2_000;

/** An instance as it is now; null: it is gone, or no longer this account's. */
export type Tell = (id: string, now: InstanceNow | null) => Promise<void>;

/**
 * Looks on at several instances at once, straight at their objects: tells of each at once, at every change, and at the latest
 * after a quiet while, until `signal` says that it is over or nothing is left to look at. Each costs its object three requests
 * a minute and one more at each change, and keeps it in memory.
 */
export async function lookOn(
  ctx: Ctx,
  ids: readonly string[],
  { signal, tell }: { signal: AbortSignal; tell: Tell },
): Promise<void> {
  // What an object was asked last it still answers, to nobody.
  const over = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([Promise.all(ids.map((id) => follow(ctx, id, { signal, tell }))), over]);
}

async function follow(
  ctx: Ctx,
  id: string,
  { signal, tell }: { signal: AbortSignal; tell: Tell },
): Promise<void> {
  let mark: string | undefined;
  while (!signal.aborted) {
    const sight = await see(ctx, id, mark);
    if (signal.aborted) {
      return;
    }
    if (sight === "failed") {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      continue;
    }
    await tell(id, sight?.now ?? null);
    if (!sight || sight.now.state === "deleted") {
      return;
    }
    mark = sight.mark;
  }
}

async function see(ctx: Ctx, id: string, mark: string | undefined): Promise<Sight | undefined | "failed"> {
  try {
    return await instanceStub(ctx.env, id).seenBy(ctx.accountId, mark, QUIET_MS);
  } catch (error) {
    logEvent("look_on.failed", { level: "error", instanceId: id, cause: describeError(error) });
    return "failed";
  }
}
