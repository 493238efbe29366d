import { eq } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import type { Ctx } from "../context.ts";
import { type SpentThisMonth, spentThisMonth } from "./spent.ts";

type AccountRow = typeof accounts.$inferSelect;

/** An account's compute budget of the calendar month (UTC), and how much of it is left. */
export interface Budget {
  limitMicros: number;
  spentMicros: number;
  leftMicros: number;
  estimated: true;
  action: AccountRow["budgetAction"];
}

type BudgetColumns = Pick<AccountRow, "id" | "monthlyBudgetMicros" | "budgetAction">;

/** Null: there is no budget. */
export async function readBudget(
  { db, now }: Pick<Ctx, "db" | "now">,
  account: BudgetColumns,
  spent: SpentThisMonth = spentThisMonth,
): Promise<Budget | null> {
  const limitMicros = account.monthlyBudgetMicros;
  if (limitMicros === null) {
    return null;
  }
  const spentMicros = await spent(db, account.id, now);
  const leftMicros = Math.max(0, limitMicros - spentMicros);
  return { limitMicros, spentMicros, leftMicros, estimated: true, action: account.budgetAction };
}

/**
 * Before anything that starts a machine. Where the action is `warn`, a spent budget stops nobody.
 * @throws budget_exceeded with what was spent.
 */
export async function requireBudget(ctx: Ctx): Promise<void> {
  const [account] = await ctx.db
    .select({
      id: accounts.id,
      monthlyBudgetMicros: accounts.monthlyBudgetMicros,
      budgetAction: accounts.budgetAction,
    })
    .from(accounts)
    .where(eq(accounts.id, ctx.accountId))
    .limit(1);
  // What only warns needs no sum.
  const budget = account && account.budgetAction !== "warn" ? await readBudget(ctx, account) : null;
  if (budget && budget.leftMicros === 0) {
    const { limitMicros, spentMicros, action } = budget;
    throw new AppError("budget_exceeded", "The account's compute budget of this month is spent.", {
      hint: "Ask the operator for more, or wait for the first of the month (UTC).",
      details: [{ limitMicros, spentMicros, action, estimated: true }],
    });
  }
}
