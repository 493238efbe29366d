import { and, eq, isNull, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { members, people, sessions } from "../../db/people.ts";
import { tokens } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import { requireRight } from "../require-right.ts";
import { lastOwner } from "./change-role.ts";
import { isStillOwner, leavesAnOwner } from "./guards.ts";

/**
 * Somebody belongs to the account no longer: an owner removes them, or they leave by themselves. In the same moment their
 * sessions there end and the tokens that they made are revoked.
 * @throws forbidden, not_found; invalid_state where no owner would be left
 */
export async function removeMember(ctx: Ctx, personId: string): Promise<void> {
  const isSelf = personId === ctx.personId;
  if (!isSelf) {
    requireRight(ctx, "people");
  }
  const { db, accountId, now } = ctx;
  const isThem = and(eq(members.accountId, accountId), eq(members.personId, personId));
  const isTheirToken = and(
    eq(tokens.accountId, accountId),
    eq(tokens.createdBy, personId),
    isNull(tokens.revokedAt),
  );
  const isTheirSession = and(
    eq(sessions.personId, personId),
    eq(sessions.accountId, accountId),
    isNull(sessions.endedAt),
  );
  const [[before], revoked, ended] = await Promise.all([
    db
      .select({ role: members.role, email: people.email })
      .from(members)
      .innerJoin(people, eq(people.id, members.personId))
      .where(isThem)
      .limit(1),
    db.select({ id: tokens.id }).from(tokens).where(isTheirToken).limit(100),
    db.select({ id: sessions.id }).from(sessions).where(isTheirSession).limit(100),
  ]);
  if (!before) {
    throw new AppError("not_found", "Nobody of that id belongs to the account.");
  }
  const remove = db.delete(members).where(and(isThem, leavesAnOwner, isSelf ? sql`1` : isStillOwner(ctx)));
  const audit = auditEntry({
    accountId,
    actor: ctx.actor,
    action: "member.leave",
    target: personId,
    at: now,
    requestId: ctx.requestId,
    detail: {
      before,
      sessionsEnded: ended.map(({ id }) => id),
      tokensRevoked: revoked.map(({ id }) => id),
    },
  });
  const isGone = sql`NOT EXISTS (SELECT 1 FROM members WHERE account_id = ${accountId} AND person_id = ${personId})`;
  const done = await commit(db, remove, audit, [
    db.update(sessions).set({ endedAt: now }).where(and(isTheirSession, isGone)),
    db.update(tokens).set({ revokedAt: now }).where(and(isTheirToken, isGone)),
  ]);
  if (!done) {
    throw lastOwner("removed");
  }
}
