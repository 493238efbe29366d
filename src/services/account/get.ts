import { eq } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import type { Ctx } from "../context.ts";

export type AccountRow = typeof accounts.$inferSelect;

export async function getAccount(ctx: Ctx): Promise<AccountRow> {
  const [account] = await ctx.db.select().from(accounts).where(eq(accounts.id, ctx.accountId)).limit(1);
  if (!account) {
    throw new AppError("not_found", "There is no such account.");
  }
  return account;
}
