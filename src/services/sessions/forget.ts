import { lt } from "drizzle-orm";
import { invitations, sessions } from "../../db/people.ts";
import { keep } from "../commit.ts";
import type { Ctx } from "../context.ts";

const DAY_MS = 24 * 3600 * 1000;
/** No session lives without being used for so long, nor does anybody ask for one that ended then. */
const SESSION_KEPT_MS = 60 * DAY_MS;
const INVITATION_KEPT_MS = 30 * DAY_MS;

/** Clears away what ended long ago; the audit trail still tells of it. Two indexes by age keep it to those. */
export async function forgetOldSessions({ db, now }: Pick<Ctx, "db" | "now">): Promise<void> {
  await keep(
    db,
    db.delete(sessions).where(lt(sessions.lastSeenAt, now - SESSION_KEPT_MS)),
    db.delete(invitations).where(lt(invitations.expiresAt, now - INVITATION_KEPT_MS)),
  );
}
