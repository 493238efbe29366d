import type { D1Database, D1Meta, D1Result } from "@cloudflare/workers-types";
import { flattenCards, RATE_CARDS } from "./rate-card.ts";
import { FREEZE_CHUNK, NEXT_CHUNK } from "./statements.ts";

/** Instances of one transaction: a fraction of a second each, where a query may take thirty. */
export const CHUNK_SIZE = 2_000;

const RATES = JSON.stringify(flattenCards(RATE_CARDS));

export interface FrozenChunk {
  /** Where to go on; null when nothing was left to count. */
  cursor: string | null;
  instances: number;
  queries: number;
  rowsRead: number;
  rowsWritten: number;
}

/**
 * Counts the next instances, in the order of their ids, whose usage before `asOf` is not counted yet. Idempotent: what was
 * counted is no longer due, and rows come out the same however often and in whatever order they are counted.
 */
export async function freezeChunk(
  db: D1Database,
  { asOf, cursor, limit = CHUNK_SIZE }: { asOf: number; cursor: string; limit?: number },
): Promise<FrozenChunk> {
  const next = await db.prepare(NEXT_CHUNK).bind(cursor, asOf, limit).all<{
    last: string | null;
    instances: number;
  }>();
  const chunk = next.results[0];
  if (!chunk?.last) {
    return { cursor: null, instances: 0, queries: 1, ...sizeOf([next]) };
  }
  const range = [cursor, chunk.last, asOf] as const;
  const results = await db.batch([
    db.prepare(FREEZE_CHUNK.upsert).bind(...range, RATES),
    ...FREEZE_CHUNK.rest.map((statement) => db.prepare(statement).bind(...range)),
  ]);
  const { last, instances } = chunk;
  return { cursor: last, instances, queries: 1 + results.length, ...sizeOf([next, ...results]) };
}

function sizeOf(results: D1Result[]): Pick<FrozenChunk, "rowsRead" | "rowsWritten"> {
  const sum = (of: (meta: D1Meta) => number) => results.reduce((total, { meta }) => total + of(meta), 0);
  return { rowsRead: sum((meta) => meta.rows_read), rowsWritten: sum((meta) => meta.rows_written) };
}
