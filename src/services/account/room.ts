import type { Ctx } from "../context.ts";
import { type Budget, readBudget } from "./budget.ts";
import { getAccount } from "./get.ts";
import { type Quota, readQuota } from "./quota.ts";

export interface Room {
  quota: Quota;
  budget: Budget | null;
}

/** What an account may still make, as far as it can be known before it is asked for. */
export async function readRoom(ctx: Ctx): Promise<Room> {
  const [quota, budget] = await Promise.all([
    readQuota(ctx.db, ctx.accountId),
    getAccount(ctx).then((account) => readBudget(ctx, account)),
  ]);
  return { quota, budget };
}
