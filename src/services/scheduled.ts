import { openDb } from "../db/client.ts";
import type { Env } from "../env.ts";
import { enforceBudgets } from "./account/enforce-budgets.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { clearInterruptedCreates } from "./instances/interrupted.ts";

/** As in wrangler.toml; every other pattern is the jobs of each five minutes. */
const HOURLY = "7 * * * *";

/** What cron drives: each job bounded, and harmless when run twice. */
export async function runScheduled(controller: ScheduledController, env: Env): Promise<void> {
  const ctx = { env, db: openDb(env.DB), now: Date.now() };
  if (controller.cron === HOURLY) {
    await enforceBudgets(ctx);
    return;
  }
  await clearInterruptedCreates(ctx);
  await forgetOldKeys(ctx);
}
