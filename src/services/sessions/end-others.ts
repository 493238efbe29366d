import type { Ctx } from "../context.ts";
import { endSession } from "./end.ts";
import { listSessions } from "./list.ts";

/** Ends all sessions of a person, in every account, but the one that is kept. */
export async function endOtherSessions(
  ctx: Pick<Ctx, "db" | "now" | "requestId">,
  personId: string,
  keptId: string | undefined,
): Promise<number> {
  let ended = 0;
  // One event each, in the chain of the account that it looked at.
  for (const { id, accountId } of await listSessions(ctx, personId)) {
    if (id !== keptId && (await endSession(ctx, { id, personId, accountId }, "ended elsewhere"))) {
      ended += 1;
    }
  }
  return ended;
}
