import { and, eq, isNull, ne, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { sessions } from "../../db/people.ts";
import { AppError } from "../../errors.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import type { Session } from "./authenticate.ts";

/** The session looks at another account of its person from now on. @throws not_found for one that they do not belong to */
export async function switchAccount(
  { db, now, requestId }: Pick<Ctx, "db" | "now" | "requestId">,
  { id, person }: Pick<Session, "id" | "person">,
  accountId: string,
): Promise<void> {
  const belongs = sql`EXISTS (SELECT 1 FROM members WHERE account_id = ${accountId} AND person_id = ${person.id})`;
  const isIt = and(eq(sessions.id, id), eq(sessions.personId, person.id), isNull(sessions.endedAt));
  const audit = auditEntry({
    accountId,
    actor: { type: "user", id: person.id },
    action: "session.open",
    target: id,
    at: now,
    requestId,
    detail: { by: "switch" },
  });
  const mutation = db
    .update(sessions)
    .set({ accountId })
    .where(and(isIt, ne(sessions.accountId, accountId), belongs));
  if (await commit(db, mutation, audit)) {
    return;
  }
  const there = and(isIt, eq(sessions.accountId, accountId));
  const [row] = await db.select({ id: sessions.id }).from(sessions).where(there).limit(1);
  if (!row) {
    throw new AppError("not_found", "You belong to no such account.");
  }
}
