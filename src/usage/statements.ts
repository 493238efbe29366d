/**
 * The statements that count one chunk of instances: those after ?1 up to ?2 with something to count before ?3. Each works
 * on the set and reads no more of an instance's history than the days it counts. They run in one batch, which D1 runs as
 * one transaction, so whatever arrives meanwhile is either counted or still due. The last two take the marks.
 */
import { DAY_MS } from "./day.ts";
import { ANY_REGION } from "./rate-card.ts";

/** D1 binds every number as a floating one, and a division must not be. */
const AS_OF = "CAST(?3 AS INTEGER)";

/**
 * As in the index `periods_by_end`, whose expression must be spelled the same. The index is named in the queries, because
 * the planner knows no statistics and would walk through an instance's whole history instead.
 */
const END = "ifnull(p.ended_at, 9007199254740991)";

/** Where an open period ends that another one follows: a lost close is not paid for. */
const SUCCESSOR =
  "(SELECT min(n.started_at) FROM periods n WHERE n.instance_id = p.instance_id AND n.seq > p.seq)";

const CHUNK = `instance_id > ?1 AND instance_id <= ?2 AND since < ${AS_OF}`;

/** A day that ended at the very moment `since` is counted once more: it may not have been closed. */
const DUE = `due AS MATERIALIZED (
  SELECT instance_id, (since - 1) / ${DAY_MS} * ${DAY_MS} AS first_day FROM usage_due WHERE ${CHUNK}
)`;

/** The first of the days to count, and every one after it that had begun by ?3. */
const DAYS = `days (day) AS (
  SELECT min(first_day) FROM due UNION ALL SELECT day + ${DAY_MS} FROM days WHERE day + ${DAY_MS} < ${AS_OF}
)`;

const SPANS = `spans AS (
  SELECT p.account_id, p.instance_id, p.meter, p.spec, p.started_at, d.first_day,
    min(${AS_OF}, coalesce(p.ended_at, ${SUCCESSOR}, ${AS_OF})) AS ended_at
  FROM due d CROSS JOIN periods p INDEXED BY periods_by_end ON p.instance_id = d.instance_id AND ${END} > d.first_day
  WHERE p.meter <> 'none' AND p.started_at < ${AS_OF}
)`;

const SLICES = `slices AS (
  SELECT s.account_id, s.instance_id, days.day, s.spec,
    sum(iif(s.meter = 'running', min(s.ended_at, days.day + ${DAY_MS}) - max(s.started_at, days.day), 0)) AS running,
    sum(min(s.ended_at, days.day + ${DAY_MS}) - max(s.started_at, days.day)) AS held
  FROM spans s CROSS JOIN days
  WHERE days.day >= s.first_day AND s.ended_at > max(s.started_at, days.day) AND s.started_at < days.day + ${DAY_MS}
  GROUP BY 1, 2, 3, 4
)`;

/** ?4 is the rate cards as JSON, in the order of `findRates`: what comes later is nearer. */
const RATES = `rates AS MATERIALIZED (
  SELECT key AS place, value ->> 'size' AS size, value ->> 'price' AS price,
    value ->> 'billsWhileOff' AS bills_while_off, value ->> 'version' AS version, value ->> 'provider' AS provider, value ->> 'region' AS region,
    value ->> 'from' AS since, value ->> 'until' AS until, value ->> 'sharedCpu' AS shared_cpu,
    value ->> 'performanceCpu' AS performance_cpu, value ->> 'memoryGb' AS memory_gb, value ->> 'volumeGb' AS volume_gb
  FROM json_each(?4)
)`;

const PRICED = `priced AS (
  SELECT s.account_id, s.day, s.instance_id, s.running, s.held - s.running AS paused,
    s.held * (s.spec ->> 'volumeGb') AS volume, coalesce(r.version, '') AS version,
    coalesce(iif(r.bills_while_off, s.held, s.running) * iif(r.size <> '', r.price,
      (s.spec ->> 'cpus') * iif(s.spec ->> 'cpuKind' = 'performance', r.performance_cpu, r.shared_cpu)
      + r.memory_gb * (s.spec ->> 'memoryMb') / 1024
    ) + s.held * (s.spec ->> 'volumeGb') * r.volume_gb, 0) AS cost
  FROM slices s LEFT JOIN instances i ON i.id = s.instance_id
  LEFT JOIN rates r ON r.place = (
    SELECT max(k.place) FROM rates k
    WHERE k.provider = i.provider AND k.since <= s.day AND s.day < k.until AND k.region IN (i.region, '${ANY_REGION}')
      AND k.size IN ('', (s.spec ->> 'cpuKind') || '-' || (s.spec ->> 'cpus') || '-' || (s.spec ->> 'memoryMb'))
  )
)`;

/** Rows of these days that are there already: where no period speaks for them any more they come out as nothing. */
const KNOWN = `
  SELECT u.account_id, u.day, u.instance_id, 0, 0, 0, '', 0
  FROM due d CROSS JOIN usage_daily u ON u.instance_id = d.instance_id AND u.day >= d.first_day`;

/** Rows that did not change are not written. */
const UPSERT = `WITH RECURSIVE ${[DUE, DAYS, SPANS, SLICES, RATES, PRICED].join(", ")}
INSERT INTO usage_daily
  (account_id, day, instance_id, running_ms, paused_ms, volume_gb_ms, cost_micros, rate_card, counted_to)
SELECT account_id, day, instance_id, sum(running), sum(paused), sum(volume),
  (sum(cost) + 500000000) / 1000000000, max(version), min(${AS_OF}, day + ${DAY_MS})
FROM (SELECT * FROM priced UNION ALL ${KNOWN}) WHERE true
GROUP BY account_id, day, instance_id
ON CONFLICT (account_id, day, instance_id) DO UPDATE SET running_ms = excluded.running_ms,
  paused_ms = excluded.paused_ms, volume_gb_ms = excluded.volume_gb_ms, cost_micros = excluded.cost_micros,
  rate_card = excluded.rate_card, counted_to = excluded.counted_to
WHERE (running_ms, paused_ms, volume_gb_ms, cost_micros, rate_card, counted_to) IS NOT (excluded.running_ms,
  excluded.paused_ms, excluded.volume_gb_ms, excluded.cost_micros, excluded.rate_card, excluded.counted_to)`;

const DROP_EMPTY = `WITH ${DUE}
DELETE FROM usage_daily WHERE (account_id, day, instance_id) IN (
  SELECT u.account_id, u.day, u.instance_id
  FROM due d CROSS JOIN usage_daily u ON u.instance_id = d.instance_id AND u.day >= d.first_day
  WHERE u.running_ms = 0 AND u.paused_ms = 0
)`;

/** Something is still being used, or is known to be later. */
const LIVE = `EXISTS (
  SELECT 1 FROM periods p INDEXED BY periods_by_end WHERE p.instance_id = usage_due.instance_id AND ${END} > ${AS_OF} AND p.meter <> 'none'
    AND (p.ended_at IS NOT NULL OR ifnull(${SUCCESSOR}, 9007199254740991) > ${AS_OF})
)`;

const TODAY = `(${AS_OF} - 1) / ${DAY_MS} * ${DAY_MS}`;

const SETTLE = `DELETE FROM usage_due WHERE ${CHUNK} AND NOT ${LIVE} AND NOT EXISTS (
  SELECT 1 FROM usage_daily u WHERE u.instance_id = usage_due.instance_id AND u.day = ${TODAY}
)`;

/** What is used no more is looked at once again when its day is over, to close it. */
const ADVANCE = `UPDATE usage_due SET since = iif(${LIVE}, ${AS_OF}, ${TODAY} + ${DAY_MS}) WHERE ${CHUNK}`;

export const NEXT_CHUNK = `SELECT max(instance_id) AS last, count(*) AS instances FROM (
  SELECT instance_id FROM usage_due WHERE instance_id > ?1 AND since < ?2 ORDER BY instance_id LIMIT ?3
)`;

/** In this order; the first alone takes ?4. */
export const FREEZE_CHUNK = { upsert: UPSERT, rest: [DROP_EMPTY, SETTLE, ADVANCE] } as const;
