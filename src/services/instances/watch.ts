import type { PeriodChange } from "../../instance/contract.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { Ctx } from "../context.ts";
import { isStillIn } from "../sessions/still-in.ts";
import { resolveInstanceForDelete } from "./resolve.ts";

/** How long the object is asked to wait for a change, in milliseconds; between two asks the reader may have gone. */
const QUIET_MS = 20_000;

/**
 * The changes of status from after `after` on (from the current one, without), straight from the object, until the
 * instance is deleted, or is no longer this account's, or whoever asked is no longer let in. `quiet`: nothing happened for a while.
 */
export async function instanceChanges(
  ctx: Ctx,
  name: string,
  after: number | undefined,
): Promise<AsyncIterable<PeriodChange | "quiet">> {
  const row = await resolveInstanceForDelete(ctx, name);
  const stub = instanceStub(ctx.env, row.id);
  async function* follow(): AsyncGenerator<PeriodChange | "quiet"> {
    let seen = after;
    let status = "";
    for (;;) {
      const fresh = await stub.periodsOf(ctx.accountId, seen, QUIET_MS);
      // Handed over: what happens from now on is another account's.
      if (fresh === undefined) {
        return;
      }
      if (!(await isStillIn(ctx).catch(() => true))) {
        return;
      }
      if (fresh.length === 0) {
        yield "quiet";
      }
      for (const period of fresh) {
        seen = period.seq;
        // A change of meter alone is no change of status.
        if (period.state !== status) {
          status = period.state;
          yield period;
        }
        if (period.state === "deleted") {
          return;
        }
      }
    }
  }
  return follow();
}
