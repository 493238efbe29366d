import { auditEntry } from "../../audit/entry.ts";
import { hashToken } from "../../auth/tokens.ts";
import { sessions } from "../../db/people.ts";
import { newSessionId, newSessionSecret } from "../../ids.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";

/** How long a session lasts that is used, in milliseconds. One that is not used ends earlier, see `authenticate.ts`. */
export const SESSION_MS = 30 * 24 * 3600 * 1000;

/** A new session of a person who has just proved who they are. The secret is in this answer and in their cookie, nowhere else. */
export async function openSession(
  { db, now, requestId }: Pick<Ctx, "db" | "now" | "requestId">,
  input: { personId: string; accountId: string; userAgent: string },
): Promise<{ id: string; secret: string }> {
  const secret = newSessionSecret();
  const id = newSessionId();
  const row = {
    id,
    personId: input.personId,
    accountId: input.accountId,
    hash: await hashToken(secret),
    userAgent: input.userAgent.slice(0, 300),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + SESSION_MS,
  };
  const audit = auditEntry({
    accountId: input.accountId,
    actor: { type: "user", id: input.personId },
    action: "session.open",
    target: id,
    at: now,
    requestId,
    detail: { userAgent: row.userAgent },
  });
  await commit(db, db.insert(sessions).values(row), audit);
  return { id, secret };
}
