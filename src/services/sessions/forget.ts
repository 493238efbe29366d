import { and, lt, sql } from "drizzle-orm";
import { invitations, sessions } from "../../db/people.ts";
import { keep } from "../commit.ts";
import type { Ctx } from "../context.ts";

const DAY_MS = 24 * 3600 * 1000;
/** No session lives without being used for so long, nor does anybody ask for one that ended then. */
const SESSION_KEPT_MS = 60 * DAY_MS;
const INVITATION_KEPT_MS = 30 * DAY_MS;

const isNotTheLast = sql`EXISTS (SELECT 1 FROM sessions AS later WHERE later.person_id = sessions.person_id
  AND later.account_id = sessions.account_id AND later.created_at > sessions.created_at)`;

/**
 * Clears away, once a day, what ended long ago; the audit trail still tells of it. Somebody's last session in an account stays: by
 * it the account's records can still say who they were. Two indexes by age keep it to what is old.
 */
export async function forgetOldSessions({ db, now }: Pick<Ctx, "db" | "now">): Promise<void> {
  await keep(
    db,
    db.delete(sessions).where(and(lt(sessions.lastSeenAt, now - SESSION_KEPT_MS), isNotTheLast)),
    db.delete(invitations).where(lt(invitations.expiresAt, now - INVITATION_KEPT_MS)),
  );
}
