import { and, eq, isNull, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { invitations, members, sessions } from "../../db/people.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import type { OpenInvitation } from "./find-invitation.ts";

type AnswerCtx = Pick<Ctx, "db" | "now" | "requestId">;

interface Answerer {
  personId: string;
  /** The browser they answer in; it looks at the account afterwards. */
  sessionId: string;
}

/**
 * They belong to the account from now on, if the invitation is open still and their own verified email is the one that was
 * invited: a link that was passed on lets nobody else in.
 * @returns whether they do now; false: it was not for them, or is no longer open.
 */
export async function acceptInvitation(
  { db, now, requestId }: AnswerCtx,
  { id, accountId, role, email }: OpenInvitation,
  { personId, sessionId }: Answerer,
): Promise<boolean> {
  const join = db.insert(members).select(
    sql`SELECT account_id, ${personId}, role, ${now} FROM invitations
        WHERE id = ${id} AND ended_at IS NULL AND expires_at > ${now}
          AND email = (SELECT email FROM people WHERE people.id = ${personId})
          AND NOT EXISTS (SELECT 1 FROM members WHERE account_id = ${accountId} AND person_id = ${personId})`,
  );
  const belongs = sql`EXISTS (SELECT 1 FROM members WHERE account_id = ${accountId} AND person_id = ${personId})`;
  const isOpenStill = and(eq(invitations.id, id), isNull(invitations.endedAt), belongs);
  const use = db.update(invitations).set({ acceptedBy: personId, endedAt: now }).where(isOpenStill);
  const isTheirs = and(eq(sessions.id, sessionId), eq(sessions.personId, personId), isNull(sessions.endedAt));
  const lookAt = db.update(sessions).set({ accountId }).where(and(isTheirs, belongs));
  const audit = auditEntry({
    accountId,
    actor: { type: "user", id: personId },
    action: "member.join",
    target: personId,
    at: now,
    requestId,
    detail: { email, role, by: "invitation", invitation: id },
  });
  await commit(db, join, audit, [use, lookAt]);
  const isMember = and(eq(members.accountId, accountId), eq(members.personId, personId));
  const [row] = await db.select({ role: members.role }).from(members).where(isMember).limit(1);
  return row !== undefined;
}

/** The link opens nothing from now on. */
export async function declineInvitation(
  { db, now, requestId }: AnswerCtx,
  { id, accountId, email }: OpenInvitation,
  { personId }: Pick<Answerer, "personId">,
): Promise<void> {
  const isTheirs = sql`${invitations.email} = (SELECT email FROM people WHERE people.id = ${personId})`;
  const isOpen = and(eq(invitations.id, id), isNull(invitations.endedAt), isTheirs);
  const audit = auditEntry({
    accountId,
    actor: { type: "user", id: personId },
    action: "invitation.decline",
    target: id,
    at: now,
    requestId,
    detail: { email },
  });
  await commit(db, db.update(invitations).set({ endedAt: now }).where(isOpen), audit);
}
