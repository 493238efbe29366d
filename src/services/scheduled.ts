import { openDb } from "../db/client.ts";
import { type Env, readConfig } from "../env.ts";
import { beginSigning, signHeads } from "./audit/sign.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { clearInterruptedCreates } from "./instances/interrupted.ts";

/** As in wrangler.toml. */
const SIGN_CRON = "10 0 * * *";

/** What cron drives: each job bounded, and harmless when run twice. */
export async function runScheduled({ cron }: Pick<ScheduledController, "cron">, env: Env): Promise<void> {
  const ctx = { env, db: openDb(env.DB), config: readConfig(env), now: Date.now() };
  if (cron === SIGN_CRON) {
    await beginSigning(ctx);
    await signHeads(ctx);
    return;
  }
  await clearInterruptedCreates(ctx);
  await forgetOldKeys(ctx);
  // What a night's run had no time for.
  await signHeads(ctx);
}
