import { eq, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { hashToken, tokenPrefix } from "../../auth/tokens.ts";
import { accounts, tokens } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { newTokenPlaintext } from "../../ids.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";

export type AccountRow = typeof accounts.$inferSelect;

interface NewAccount {
  /** Reserved before, so that the same request made twice makes one account. */
  accountId: string;
  tokenId: string;
  email: string;
  name?: string;
}

/**
 * A new account with its first token, in one transaction. The plaintext is in this answer and nowhere else, ever.
 * @throws account_exists when the email is taken.
 */
export async function createAccount(
  ctx: Ctx,
  input: NewAccount,
): Promise<{ account: AccountRow; token: string }> {
  const plaintext = newTokenPlaintext();
  const hash = await hashToken(plaintext);
  const prefix = tokenPrefix(plaintext);
  const audit = auditEntry({
    accountId: input.accountId,
    actor: ctx.actor,
    action: "account.create",
    target: input.accountId,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { email: input.email, token: { id: input.tokenId, prefix } },
  });
  const account = ctx.db
    .insert(accounts)
    .values({ id: input.accountId, email: input.email, name: input.name ?? null, createdAt: ctx.now })
    .onConflictDoNothing();
  // Nobody's hands made it: of who belongs to an account, none is known yet. Only where the account is this one. A request cut off after the write left a token nobody ever saw: made again, its
  // hash is replaced.
  const token = ctx.db
    .insert(tokens)
    .select(
      sql`SELECT ${input.tokenId}, ${input.accountId}, 'first', ${prefix}, ${hash}, ${ctx.now}, NULL, NULL, NULL
          FROM accounts WHERE id = ${input.accountId} AND email = ${input.email}`,
    )
    .onConflictDoUpdate({ target: tokens.id, set: { hash, prefix } });
  await commit(ctx.db, account, audit, [token]);
  const [row] = await ctx.db.select().from(accounts).where(eq(accounts.email, input.email)).limit(1);
  if (row?.id !== input.accountId) {
    throw new AppError("account_exists", `There is an account with the email "${input.email}".`, {
      hint: "List them with: gentity admin accounts list",
    });
  }
  return { account: row, token: plaintext };
}
