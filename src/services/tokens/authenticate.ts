import { and, eq, isNull, lt, or } from "drizzle-orm";
import type { Role } from "../../auth/roles.ts";
import { hashToken } from "../../auth/tokens.ts";
import { openDb } from "../../db/client.ts";
import { members } from "../../db/people.ts";
import { accounts, tokens } from "../../db/schema.ts";
import type { Env } from "../../env.ts";
import { keep } from "../commit.ts";

/** "Last used" is told to the minute; a write for every request would cost more than it says. */
const LAST_USED_EVERY_MS = 60_000;

export interface Credential {
  tokenId: string;
  accountId: string;
  /** Who made it; null: the operator, or it is the account's first. */
  personId: string | null;
  role: Role;
  /** The operator has closed the account: the token is known and may do nothing. */
  isSuspended: boolean;
  /** To be run when the answer is on its way; does nothing when it was noted a moment ago. */
  noteUse: () => Promise<void>;
}

/** The account behind a token, or undefined when it is unknown or revoked. Three rows, by their keys. */
export async function authenticateToken(
  env: Env,
  plaintext: string,
  now: number,
): Promise<Credential | undefined> {
  const db = openDb(env.DB);
  const [row] = await db
    .select({
      id: tokens.id,
      accountId: tokens.accountId,
      lastUsedAt: tokens.lastUsedAt,
      suspendedAt: accounts.suspendedAt,
      createdBy: tokens.createdBy,
      role: members.role,
    })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .leftJoin(members, and(eq(members.accountId, tokens.accountId), eq(members.personId, tokens.createdBy)))
    .where(and(eq(tokens.hash, await hashToken(plaintext)), isNull(tokens.revokedAt)))
    .limit(1);
  // Whoever made it has left the account: so has it.
  if (!row || (row.createdBy !== null && row.role === null)) {
    return undefined;
  }
  const stale = now - LAST_USED_EVERY_MS;
  const noteUse = async () => {
    if (row.lastUsedAt === null || row.lastUsedAt < stale) {
      const old = or(isNull(tokens.lastUsedAt), lt(tokens.lastUsedAt, stale));
      await keep(
        db,
        db
          .update(tokens)
          .set({ lastUsedAt: now })
          .where(and(eq(tokens.id, row.id), old)),
      );
    }
  };
  const isSuspended = row.suspendedAt !== null;
  const { id: tokenId, accountId, createdBy: personId } = row;
  return { tokenId, accountId, personId, role: row.role ?? "owner", isSuspended, noteUse };
}
