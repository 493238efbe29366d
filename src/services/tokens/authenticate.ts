import { and, eq, isNull, lt, or } from "drizzle-orm";
import { hashToken } from "../../auth/tokens.ts";
import { openDb } from "../../db/client.ts";
import { accounts, tokens } from "../../db/schema.ts";
import type { Env } from "../../env.ts";
import { keep } from "../commit.ts";

/** "Last used" is told to the minute; a write for every request would cost more than it says. */
const LAST_USED_EVERY_MS = 60_000;

export interface Credential {
  tokenId: string;
  accountId: string;
  /** The operator has closed the account: the token is known and may do nothing. */
  isSuspended: boolean;
  /** To be run when the answer is on its way; does nothing when it was noted a moment ago. */
  noteUse: () => Promise<void>;
}

/** The account behind a token, or undefined when it is unknown or revoked. Two rows, by their keys. */
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
    })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(and(eq(tokens.hash, await hashToken(plaintext)), isNull(tokens.revokedAt)))
    .limit(1);
  if (!row) {
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
  return { tokenId: row.id, accountId: row.accountId, isSuspended, noteUse };
}
