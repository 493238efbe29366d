import { instanceStub } from "../../instance/stub.ts";
import type { Ctx } from "../context.ts";
import { isStillIn } from "../sessions/still-in.ts";

/** How long the object is asked to wait for a change of owner, in milliseconds; between two asks whoever asked may be done. */
const HOLD_MS = 20_000;
/** After an ask that failed: the object may have been evicted, and holds nobody's question then. */
const PAUSE_MS = 500;

/**
 * Resolves, with a sentence for them, once an instance is no longer the account's (at once), or whoever asked is no longer let in (within
 * twenty seconds and a bit); never, when `ended` comes first. What cannot be asked goes on as it was.
 */
export async function untilShutOut(ctx: Ctx, instanceId: string, ended: Promise<unknown>): Promise<string> {
  const stub = instanceStub(ctx.env, instanceId);
  let isOver = false;
  const over = ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const isTheirs = await stub.isStillOf(ctx.accountId, HOLD_MS).catch(async () => {
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
      return true;
    });
    if (!isTheirs) {
      return "The instance was handed over to another account.";
    }
    if (!isOver && !(await isStillIn(ctx).catch(() => true))) {
      return "You are no longer signed in to this account.";
    }
  }
  return new Promise(() => {});
}
