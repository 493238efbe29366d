import { eq } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { requireBudget } from "../account/budget.ts";
import { requireNotOver } from "../account/quota.ts";
import type { Ctx } from "../context.ts";

/**
 * Before a machine is woken by something that is not its owner: a visitor, or a schedule.
 * @throws account_suspended, budget_exceeded, quota_exceeded
 */
export async function requireWakeable(ctx: Ctx): Promise<void> {
  const [account] = await ctx.db
    .select({ suspendedAt: accounts.suspendedAt })
    .from(accounts)
    .where(eq(accounts.id, ctx.accountId))
    .limit(1);
  if (account?.suspendedAt) {
    throw new AppError("account_suspended", "The operator has suspended the account.");
  }
  await requireBudget(ctx);
  await requireNotOver(ctx.db, ctx.accountId);
}
