import { accountStub } from "../../account/stub.ts";
import type { Ctx } from "../context.ts";
import { type Budget, readBudget } from "./budget.ts";
import type { AccountRow } from "./get.ts";
import { type Quota, readQuota, type Used } from "./quota.ts";

export interface Limits {
  quota: Quota & { execConcurrency: Used };
  budget: Budget | null;
}

/** What an account may use, and how much of it is used. */
export async function readLimits(ctx: Ctx, account: AccountRow): Promise<Limits> {
  const [quota, used, budget] = await Promise.all([
    readQuota(ctx.db, account.id),
    accountStub(ctx.env, account.id).runningExecs(),
    readBudget(ctx, account),
  ]);
  return { quota: { ...quota, execConcurrency: { used, limit: account.maxExecConcurrency } }, budget };
}
