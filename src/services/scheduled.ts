import { openDb } from "../db/client.ts";
import type { Env } from "../env.ts";
import { reconcileVendors } from "../provisioning/reconcile.ts";
import { continueUsage, runUsage, tryUsage } from "../usage/run.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { clearInterruptedCreates } from "./instances/interrupted.ts";

/** What cron drives: each job bounded, and harmless when run twice. */
export async function runScheduled({ cron }: ScheduledController, env: Env): Promise<void> {
  const ctx = { env, db: openDb(env.DB), now: Date.now() };
  switch (cron) {
    case "5 * * * *":
      await tryUsage(() => runUsage(env.DB, { asOf: ctx.now }));
      return;
    case "20 0 * * *":
      await tryUsage(() => runUsage(env.DB, { asOf: ctx.now }));
      await tryUsage(() => reconcileVendors(env, ctx.now));
      return;
    default:
      await clearInterruptedCreates(ctx);
      await forgetOldKeys(ctx);
      await tryUsage(() => continueUsage(env.DB));
  }
}
