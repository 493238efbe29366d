import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { formToken } from "../../auth/session-cookie.ts";
import { hashToken } from "../../auth/tokens.ts";
import { openDb } from "../../db/client.ts";
import { members, people, type Role, sessions } from "../../db/people.ts";
import { accounts } from "../../db/schema.ts";
import { type Env, readConfig } from "../../env.ts";
import { isListed } from "../../env-oidc.ts";
import { keep } from "../commit.ts";

/** A session that nobody used for so long has ended, in milliseconds. */
export const IDLE_MS = 7 * 24 * 3600 * 1000;
/** "Last seen" is told to the minute; a write for every page would cost more than it says. */
const SEEN_EVERY_MS = 60_000;

export interface Session {
  id: string;
  person: { id: string; email: string; name: string | null };
  account: { id: string; email: string; name: string | null };
  role: Role;
  /** All that the person belongs to, this one among them, by the names that their people know them by. */
  accounts: readonly { id: string; name: string }[];
  /** What every form of this session carries. */
  formToken: string;
  /** The operator has closed the account: the session is known and may do nothing. */
  isSuspended: boolean;
  /** To be run when the answer is on its way; does nothing when it was noted a moment ago. */
  noteUse: () => Promise<void>;
}

/** Few: each is one they made or were invited to. */
const accountsOf = sql<string>`(
  SELECT json_group_array(json_object('id', own.id, 'name', coalesce(own.name, own.email)))
  FROM (SELECT account_id FROM members AS belongs WHERE belongs.person_id = ${sessions.personId}
        ORDER BY belongs.created_at LIMIT 50) AS theirs
  JOIN accounts AS own ON own.id = theirs.account_id)`;

/**
 * The session behind a cookie's secret, or undefined where it has ended or its person is no longer a member of the account.
 * Four rows by their keys, and one more for each account of theirs.
 */
export async function authenticateSession(
  env: Env,
  secret: string,
  now: number,
): Promise<Session | undefined> {
  const db = openDb(env.DB);
  const [row] = await db
    .select({
      id: sessions.id,
      lastSeenAt: sessions.lastSeenAt,
      person: { id: people.id, email: people.email, name: people.name },
      account: { id: accounts.id, email: accounts.email, name: accounts.name },
      suspendedAt: accounts.suspendedAt,
      role: members.role,
      accounts: accountsOf,
    })
    .from(sessions)
    .innerJoin(people, eq(people.id, sessions.personId))
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(
      members,
      and(eq(members.accountId, sessions.accountId), eq(members.personId, sessions.personId)),
    )
    .where(
      and(
        eq(sessions.hash, await hashToken(secret)),
        isNull(sessions.endedAt),
        gt(sessions.expiresAt, now),
        gt(sessions.lastSeenAt, now - IDLE_MS),
      ),
    )
    .limit(1);
  const allow = readConfig(env).oidc?.allow;
  // Taken off the list of whom this deployment lets in, one is out at once.
  if (!row || !allow || !isListed(allow, row.person.email)) {
    return undefined;
  }
  const stale = now - SEEN_EVERY_MS;
  const noteUse = async () => {
    if (row.lastSeenAt < stale) {
      const old = and(eq(sessions.id, row.id), lt(sessions.lastSeenAt, stale));
      await keep(db, db.update(sessions).set({ lastSeenAt: now }).where(old));
    }
  };
  const { id, person, account, role, suspendedAt } = row;
  return {
    id,
    person,
    account,
    role,
    accounts: JSON.parse(row.accounts) as Session["accounts"],
    formToken: await formToken(secret, account.id),
    isSuspended: suspendedAt !== null,
    noteUse,
  };
}
