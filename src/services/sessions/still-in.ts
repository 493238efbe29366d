import { and, eq, gt, isNull } from "drizzle-orm";
import { members, sessions } from "../../db/people.ts";
import { accounts, tokens } from "../../db/schema.ts";
import type { Ctx } from "../context.ts";

/**
 * Whether whoever asked may still ask, for what goes on long after it was asked for: the token may have been revoked meanwhile,
 * the session ended, the person removed, the account closed. Two or three rows, by their keys.
 */
export async function isStillIn({ db, accountId, actor, sessionId }: Ctx): Promise<boolean> {
  const isOpen = and(eq(accounts.id, accountId), isNull(accounts.suspendedAt));
  if (sessionId !== null) {
    const isMember = and(eq(members.personId, sessions.personId), eq(members.accountId, accountId));
    const isLive = and(
      eq(sessions.id, sessionId),
      isNull(sessions.endedAt),
      gt(sessions.expiresAt, Date.now()),
    );
    const found = await db
      .select({ id: sessions.id })
      .from(sessions)
      .innerJoin(members, isMember)
      .innerJoin(accounts, isOpen)
      .where(isLive)
      .limit(1);
    return found.length > 0;
  }
  if (actor.type === "token") {
    const found = await db
      .select({ id: tokens.id })
      .from(tokens)
      .innerJoin(accounts, isOpen)
      .where(and(eq(tokens.id, actor.id), eq(tokens.accountId, accountId), isNull(tokens.revokedAt)))
      .limit(1);
    return found.length > 0;
  }
  return true;
}
