import { openDb } from "../db/client.ts";
import type { Env } from "../env.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { clearInterruptedCreates } from "./instances/interrupted.ts";

/** What cron drives: each job bounded, and harmless when run twice. */
export async function runScheduled(_controller: ScheduledController, env: Env): Promise<void> {
  const ctx = { env, db: openDb(env.DB), now: Date.now() };
  await clearInterruptedCreates(ctx);
  await forgetOldKeys(ctx);
}
