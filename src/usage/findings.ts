import type { D1Database } from "@cloudflare/workers-types";
import type { Finding, OwnHolding } from "./reconcile.ts";

const PAGE = 5_000;
/** An open period, as the index `periods_by_end` has it. */
const OPEN = "ifnull(p.ended_at, 9007199254740991) = 9007199254740991";
const OPEN_PERIOD = `periods p INDEXED BY periods_by_end ON p.instance_id = i.id AND ${OPEN}`;

/** What our periods hold at a provider: everything alive, and whatever of `listed` is not. */
export async function readHoldings(
  db: D1Database,
  provider: string,
  listed: readonly string[],
): Promise<OwnHolding[]> {
  const holdings = new Map<string, OwnHolding>();
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const { results }: { results: OwnHolding[] } = await db
      .prepare(
        `SELECT i.id AS instanceId, coalesce(p.meter, 'none') AS meter, i.state AS state,
           coalesce(p.started_at, i.state_since) AS since
         FROM instances i LEFT JOIN ${OPEN_PERIOD}
         WHERE i.id > ? AND i.provider = ? AND i.deleted_at IS NULL ORDER BY i.id, p.seq LIMIT ${PAGE}`,
      )
      .bind(cursor, provider)
      .all<OwnHolding>();
    results.forEach((holding) => {
      holdings.set(holding.instanceId, holding);
    });
    cursor = results.length === PAGE ? results.at(-1)?.instanceId : undefined;
  }
  const strangers = listed.filter((id) => !holdings.has(id));
  const { results } = await db
    .prepare(
      `SELECT i.id AS instanceId, coalesce(p.meter, 'none') AS meter, i.state AS state, i.state_since AS since
       FROM json_each(?) AS wanted JOIN instances i ON i.id = wanted.value LEFT JOIN ${OPEN_PERIOD}
       WHERE i.provider = ?`,
    )
    .bind(JSON.stringify(strangers), provider)
    .all<OwnHolding>();
  return [...holdings.values(), ...results];
}

/** What a look at a vendor's list brought up; `kinds` are those it looks for. */
export interface FindingsOfRun {
  findings: readonly { instanceId: string; kind: string; detail: Finding["detail"] }[];
  kinds: readonly string[];
  now: number;
}

/** Keeps what was found, and closes what was found before and is no more. */
export async function recordFindings(
  db: D1Database,
  provider: string,
  { findings, kinds, now }: FindingsOfRun,
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO reconciliation_findings (provider, instance_id, kind, first_seen_at, last_seen_at, detail)
         SELECT ?1, value ->> 'instanceId', value ->> 'kind', ?2, ?2, value -> 'detail' FROM json_each(?3) WHERE true
         ON CONFLICT (provider, instance_id, kind) WHERE resolved_at IS NULL
         DO UPDATE SET last_seen_at = excluded.last_seen_at, detail = excluded.detail`,
      )
      .bind(provider, now, JSON.stringify(findings)),
    db
      .prepare(
        `UPDATE reconciliation_findings SET resolved_at = ?2
         WHERE provider = ?1 AND resolved_at IS NULL AND last_seen_at < ?2
           AND kind IN (SELECT value FROM json_each(?3))`,
      )
      .bind(provider, now, JSON.stringify(kinds)),
  ]);
}
