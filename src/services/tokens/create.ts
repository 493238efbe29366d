import { auditEntry } from "../../audit/entry.ts";
import { hashToken, tokenPrefix } from "../../auth/tokens.ts";
import { tokens } from "../../db/schema.ts";
import { newTokenPlaintext } from "../../ids.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import type { TokenRow } from "./list.ts";

/** A new token of this account. The plaintext is in this answer and nowhere else, ever. */
export async function createToken(
  ctx: Ctx,
  input: { id: string; name: string },
): Promise<{ token: TokenRow; plaintext: string }> {
  const plaintext = newTokenPlaintext();
  const token: TokenRow = {
    id: input.id,
    accountId: ctx.accountId,
    name: input.name,
    prefix: tokenPrefix(plaintext),
    hash: await hashToken(plaintext),
    createdAt: ctx.now,
    lastUsedAt: null,
    revokedAt: null,
    createdBy: ctx.personId,
  };
  // A request cut off after the write left a token nobody ever saw: made again, its hash is replaced.
  const mutation = ctx.db
    .insert(tokens)
    .values(token)
    .onConflictDoUpdate({ target: tokens.id, set: { hash: token.hash, prefix: token.prefix } });
  const audit = auditEntry({
    accountId: ctx.accountId,
    actor: ctx.actor,
    action: "token.create",
    target: token.id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { name: token.name, prefix: token.prefix },
  });
  await commit(ctx.db, mutation, audit);
  return { token, plaintext };
}
