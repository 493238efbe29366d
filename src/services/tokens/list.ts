import { and, desc, eq, isNull } from "drizzle-orm";
import { tokens } from "../../db/schema.ts";
import type { Ctx } from "../context.ts";

export type TokenRow = typeof tokens.$inferSelect;

/** The live tokens of this account, newest first. */
export function listTokens(ctx: Ctx): Promise<TokenRow[]> {
  return ctx.db
    .select()
    .from(tokens)
    .where(and(eq(tokens.accountId, ctx.accountId), isNull(tokens.revokedAt)))
    .orderBy(desc(tokens.createdAt))
    .limit(500);
}
