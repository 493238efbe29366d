import { DurableObject } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { openDb } from "../db/client.ts";
import { accounts } from "../db/schema.ts";
import type { Env } from "../env.ts";

/** An operator's change of the limit counts from then on, in milliseconds. */
const LIMIT_FRESH_MS = 15_000;

export type Slot = { type: "taken" } | { type: "full"; running: number; limit: number };

/**
 * One account's commands that run at the moment. It counts them for all of the account's instances together, because a limit
 * that every instance has for itself is none; and it keeps that here, because a command is not worth a write to D1.
 * Each command holds a lease: whoever took it gives it back, and what was cut off is forgotten when the lease is over.
 */
export class AccountObject extends DurableObject<Env> {
  private limit: { value: number; at: number } | undefined;

  /** Takes a slot for a command, or finds that it has one: the same command again is counted once. */
  async takeExec(execId: string, leaseMs: number): Promise<Slot> {
    const limit = await this.readLimit();
    const now = Date.now();
    const { sql } = this.ctx.storage;
    // From here on nothing waits, so nobody comes in between.
    sql.exec("CREATE TABLE IF NOT EXISTS execs (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID");
    sql.exec("DELETE FROM execs WHERE until <= ?", now);
    const isKnown = sql.exec("SELECT 1 FROM execs WHERE id = ?", execId).toArray().length > 0;
    const running = this.count(now);
    if (!isKnown && running >= limit) {
      return { type: "full", running, limit };
    }
    sql.exec("INSERT OR REPLACE INTO execs (id, until) VALUES (?, ?)", execId, now + leaseMs);
    return { type: "taken" };
  }

  /** @returns whether it was still known: of those who see a command end, the first is told so. */
  async endExec(execId: string): Promise<boolean> {
    return (
      this.hasTable() && this.ctx.storage.sql.exec("DELETE FROM execs WHERE id = ?", execId).rowsWritten > 0
    );
  }

  async runningExecs(): Promise<number> {
    return this.hasTable() ? this.count(Date.now()) : 0;
  }

  private count(now: number): number {
    return this.ctx.storage.sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM execs WHERE until > ?", now)
      .one().n;
  }

  /** Asking about an account that never ran anything leaves nothing behind. */
  private hasTable(): boolean {
    return this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'execs'").toArray().length > 0;
  }

  private async readLimit(): Promise<number> {
    if (this.limit && Date.now() - this.limit.at < LIMIT_FRESH_MS) {
      return this.limit.value;
    }
    const [row] = await openDb(this.env.DB)
      .select({ value: accounts.maxExecConcurrency })
      .from(accounts)
      .where(eq(accounts.id, this.ctx.id.name ?? ""))
      .limit(1);
    this.limit = { value: row?.value ?? 0, at: Date.now() };
    return this.limit.value;
  }
}
