import { waitUntil } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import type { Env } from "../../env.ts";
import { AppError } from "../../errors.ts";
import { newRequestId } from "../../ids.ts";
import { describeError, logEvent } from "../../log.ts";
import type { Outcome } from "../../providers/provider.ts";
import { requireBudget } from "../account/budget.ts";
import { requireNotOver } from "../account/quota.ts";
import { type Ctx, newContext } from "../context.ts";

/**
 * Before a machine is woken by something that is not its owner: a visitor, or a schedule.
 * @throws account_suspended, budget_exceeded, quota_exceeded
 */
export async function requireWakeable(ctx: Ctx): Promise<void> {
  // Somebody is held meanwhile: each of them is a read of its own.
  await Promise.all([requireOpen(ctx), requireBudget(ctx), requireNotOver(ctx.db, ctx.accountId)]);
}

async function requireOpen(ctx: Ctx): Promise<void> {
  const [account] = await ctx.db
    .select({ suspendedAt: accounts.suspendedAt })
    .from(accounts)
    .where(eq(accounts.id, ctx.accountId))
    .limit(1);
  if (account?.suspendedAt) {
    throw new AppError("account_suspended", "The operator has suspended the account.");
  }
}

/** The same for a schedule, which nobody waits for: an outcome, as a driver of the instance takes it. */
export async function permitWake(
  env: Env,
  { instanceId, accountId }: { instanceId: string; accountId: string },
): Promise<Outcome<object>> {
  const ctx = newContext(
    env,
    { accountId, actor: { type: "system", id: "schedule" } },
    { requestId: newRequestId(), now: Date.now(), background: waitUntil },
  );
  try {
    await requireWakeable(ctx);
    return { type: "ok", value: {} };
  } catch (error) {
    if (error instanceof AppError) {
      return { type: "rejected", code: "unsupported", message: error.message, hint: error.hint ?? "" };
    }
    logEvent("wake.failed", { level: "error", instanceId, cause: describeError(error) });
    return { type: "retry", afterMs: 5_000, cause: "The account's limits could not be read" };
  }
}
