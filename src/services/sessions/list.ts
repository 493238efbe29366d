import { and, desc, eq, gt, isNull } from "drizzle-orm";
import { sessions } from "../../db/people.ts";
import { accounts } from "../../db/schema.ts";
import type { Ctx } from "../context.ts";
import { IDLE_MS } from "./authenticate.ts";

export interface OpenSession {
  id: string;
  userAgent: string;
  /** As its people know the account that it looks at. */
  accountName: string;
  accountId: string;
  createdAt: number;
  lastSeenAt: number;
}

/** More than this are not shown; ending all ends those as well. */
const MAX = 100;

/** Where a person is signed in at this moment, whichever account they look at there; the last used first. */
export async function listSessions(
  { db, now }: Pick<Ctx, "db" | "now">,
  personId: string,
): Promise<OpenSession[]> {
  const { id, userAgent, accountId, createdAt, lastSeenAt } = sessions;
  const rows = await db
    .select({ id, userAgent, accountId, createdAt, lastSeenAt, name: accounts.name, email: accounts.email })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(
      and(
        eq(sessions.personId, personId),
        isNull(sessions.endedAt),
        gt(sessions.expiresAt, now),
        gt(sessions.lastSeenAt, now - IDLE_MS),
      ),
    )
    .orderBy(desc(sessions.lastSeenAt), desc(sessions.id))
    .limit(MAX);
  return rows.map(({ name, email, ...row }) => ({ ...row, accountName: name ?? email }));
}
