import { openDb } from "../db/client.ts";
import { type Env, readConfig } from "../env.ts";
import { reconcileVendors } from "../provisioning/reconcile.ts";
import { sweep } from "../provisioning/sweep/run.ts";
import { continueUsage, runUsage, tryUsage } from "../usage/run.ts";
import { enforceBudgets } from "./account/enforce-budgets.ts";
import { auditDestruction, auditFindings } from "./audit/findings.ts";
import { beginSigning, signHeads } from "./audit/sign.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { clearInterruptedCreates } from "./instances/interrupted.ts";
import { forgetOldSessions } from "./sessions/forget.ts";

/** What cron drives, by the patterns of wrangler.toml: each job bounded, and harmless when run twice. */
export async function runScheduled({ cron }: Pick<ScheduledController, "cron">, env: Env): Promise<void> {
  const ctx = { env, db: openDb(env.DB), config: readConfig(env), now: Date.now() };
  switch (cron) {
    case "10 0 * * *":
      await beginSigning(ctx);
      await signHeads(ctx);
      return;
    case "5 * * * *":
      await tryUsage(() => runUsage(env.DB, { asOf: ctx.now }));
      return;
    case "20 0 * * *":
      await tryUsage(() => runUsage(env.DB, { asOf: ctx.now }));
      await tryUsage(() => reconcileVendors(env, ctx.now));
      await auditFindings(ctx);
      await forgetOldSessions(ctx);
      return;
    case "7 * * * *":
      await enforceBudgets(ctx);
      return;
    default:
      await clearInterruptedCreates(ctx);
      await sweep(env, ctx.now, (orphan) => auditDestruction(ctx, orphan));
      await auditFindings(ctx);
      await forgetOldKeys(ctx);
      // What a run had no time for.
      await signHeads(ctx);
      await tryUsage(() => continueUsage(env.DB));
  }
}
