import type { D1Database } from "@cloudflare/workers-types";
import { describeError, logEvent } from "../log.ts";
import { CHUNK_SIZE, freezeChunk } from "./freeze.ts";

/** D1 allows an invocation 1,000 queries; others of the same cron want some too. */
const MAX_QUERIES = 800;
/** Before the next five minutes' cron takes over. */
const MAX_MS = 4 * 60_000;

export interface RunOptions {
  /** Everything before this moment is counted. */
  asOf: number;
  chunkSize?: number;
  maxQueries?: number;
  maxMs?: number;
}

export interface RunReport {
  asOf: number;
  finished: boolean;
  instances: number;
  queries: number;
  rowsRead: number;
  rowsWritten: number;
  durationMs: number;
}

/**
 * Counts everything before `asOf`, chunk by chunk, as far as one invocation's limits allow. What is done is no longer due,
 * so a run that stopped in the middle, or died, is continued by simply running it again; two at once do no harm.
 */
export async function runUsage(db: D1Database, options: RunOptions): Promise<RunReport> {
  const { asOf, chunkSize = CHUNK_SIZE, maxQueries = MAX_QUERIES, maxMs = MAX_MS } = options;
  const startedAt = Date.now();
  const report = { instances: 0, queries: 2, rowsRead: 0, rowsWritten: 0 };
  await db
    .prepare("INSERT INTO usage_runs (as_of, instances) VALUES (?, 0) ON CONFLICT DO NOTHING")
    .bind(asOf)
    .run();
  let cursor: string | null = "";
  // Two chunks' worth of queries may still follow the check.
  while (cursor !== null && report.queries + 10 <= maxQueries && Date.now() - startedAt < maxMs) {
    const chunk = await freezeChunk(db, { asOf, cursor, limit: chunkSize });
    cursor = chunk.cursor;
    report.instances += chunk.instances;
    report.queries += chunk.queries;
    report.rowsRead += chunk.rowsRead;
    report.rowsWritten += chunk.rowsWritten;
  }
  const finished = cursor === null;
  await db
    .prepare("UPDATE usage_runs SET instances = instances + ?2, finished_at = ?3 WHERE as_of = ?1")
    .bind(asOf, report.instances, finished ? Date.now() : null)
    .run();
  const outcome = { asOf, finished, ...report, durationMs: Date.now() - startedAt };
  logEvent("usage.run", { ...outcome });
  return outcome;
}

/** Goes on with the newest run where it was cut short; does nothing when that one was finished. */
export async function continueUsage(db: D1Database): Promise<void> {
  const newest = await db
    .prepare("SELECT as_of, finished_at FROM usage_runs ORDER BY as_of DESC LIMIT 1")
    .first<{ as_of: number; finished_at: number | null }>();
  if (newest && newest.finished_at === null) {
    await runUsage(db, { asOf: newest.as_of });
  }
}

/** For cron: a failed run is seen in the log and made again by the next one, and stops no other job. */
export async function tryUsage(job: () => Promise<unknown>): Promise<void> {
  try {
    await job();
  } catch (error) {
    logEvent("usage.failed", { level: "error", cause: describeError(error) });
  }
}
