import { and, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import { accounts, instances } from "../../db/schema.ts";
import { instanceStub } from "../../instance/stub.ts";
import { logEvent } from "../../log.ts";
import type { Ctx } from "../context.ts";
import { readBudget } from "./budget.ts";

const ACTOR = { type: "system" as const, id: "budget" };
/** A run has to end; what is left is found again by the next one. */
const MAX_ACCOUNTS = 500;
const MAX_INSTANCES = 500;

/**
 * Tells of every account that has spent its month's budget and still has something running, and puts that to sleep where
 * the budget's action is `suspend`. Memory is kept; whoever may raise the budget can resume it.
 */
export async function enforceBudgets(ctx: Pick<Ctx, "env" | "db" | "now">): Promise<void> {
  const isRunning = and(eq(instances.state, "running"), isNull(instances.deletedAt));
  const running = ctx.db.select({ accountId: instances.accountId }).from(instances).where(isRunning);
  const rows = await ctx.db
    .select()
    .from(accounts)
    .where(and(isNotNull(accounts.monthlyBudgetMicros), inArray(accounts.id, running)))
    .limit(MAX_ACCOUNTS);
  for (const account of rows) {
    const budget = await readBudget(ctx, account);
    if (!budget || budget.leftMicros > 0) {
      continue;
    }
    const { limitMicros, spentMicros, action } = budget;
    logEvent("budget.spent", { accountId: account.id, limitMicros, spentMicros, action });
    if (action === "suspend") {
      await suspendAll(ctx, account.id);
    }
  }
}

async function suspendAll(ctx: Pick<Ctx, "env" | "db">, accountId: string): Promise<void> {
  const rows = await ctx.db
    .select({ id: instances.id })
    .from(instances)
    .where(
      and(eq(instances.accountId, accountId), isNull(instances.deletedAt), eq(instances.state, "running")),
    )
    .limit(MAX_INSTANCES);
  // The objects decide; one that is on its way elsewhere by now is left alone until the next run.
  for (const { id } of rows) {
    await instanceStub(ctx.env, id).intend("suspend", { actor: ACTOR });
  }
}
