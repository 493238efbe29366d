import { and, eq, isNull } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { hashToken } from "../../auth/tokens.ts";
import { sessions } from "../../db/people.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";

/** Why a session has ended, in its audit event. */
export type EndReason = "signed out" | "signed in again" | "ended elsewhere" | "removed from the account";

/** Ends a session of a person, once; another's is not touched. @returns whether this call did. */
export async function endSession(
  { db, now, requestId }: Pick<Ctx, "db" | "now" | "requestId">,
  session: { id: string; personId: string; accountId: string },
  reason: EndReason,
): Promise<boolean> {
  const audit = auditEntry({
    accountId: session.accountId,
    actor: { type: "user", id: session.personId },
    action: "session.end",
    target: session.id,
    at: now,
    requestId,
    detail: { reason },
  });
  const open = and(
    eq(sessions.id, session.id),
    eq(sessions.personId, session.personId),
    isNull(sessions.endedAt),
  );
  return commit(db, db.update(sessions).set({ endedAt: now }).where(open), audit);
}

/** The same for whatever session a cookie's secret is of, if any. */
export async function endSessionOf(
  ctx: Pick<Ctx, "db" | "now" | "requestId">,
  secret: string,
  reason: EndReason,
): Promise<void> {
  const { id, personId, accountId } = sessions;
  const isIt = and(eq(sessions.hash, await hashToken(secret)), isNull(sessions.endedAt));
  const [row] = await ctx.db.select({ id, personId, accountId }).from(sessions).where(isIt).limit(1);
  if (row) {
    await endSession(ctx, row, reason);
  }
}
