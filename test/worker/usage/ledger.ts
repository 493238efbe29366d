import fc from "fast-check";
import type { UsagePeriod, UsageRow } from "../../../src/usage/compute.ts";
import { env } from "../harness.ts";

/** What tests of usage need: periods written as the outbox writes them, and the rows that came of them. */

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const MIDNIGHT = Date.UTC(2026, 10, 10);

export const SMALL = { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 1 };
export const LARGE = { cpuKind: "performance", cpus: 2, memoryMb: 4096, volumeGb: 10 };
/** A size that Hetzner has a price for. */
const SOLD_WHOLE = { cpuKind: "shared", cpus: 2, memoryMb: 4096, volumeGb: 10 };

let made = 0;
export function newId(): string {
  made++;
  return `cmp01usage${String(made).padStart(6, "0")}`;
}

export function aPeriod(over: Partial<UsagePeriod> & { instanceId: string }): UsagePeriod {
  return {
    seq: 1,
    accountId: "acc_test",
    meter: "running",
    spec: SMALL,
    startedAt: MIDNIGHT,
    endedAt: null,
    provider: "fly",
    region: "iad",
    ...over,
  };
}

/** As the outbox does: idempotent, and a closed period is never opened again. */
export async function project(...periods: UsagePeriod[]): Promise<void> {
  const statement = env.DB.prepare(
    `INSERT INTO periods (instance_id, seq, account_id, state, meter, spec, started_at, ended_at, generation, reason, actor)
     VALUES (?, ?, ?, 'running', ?, ?, ?, ?, 1, 'test', 'system:test')
     ON CONFLICT (instance_id, seq) DO UPDATE SET ended_at = excluded.ended_at
     WHERE ended_at IS NULL AND excluded.ended_at IS NOT NULL`,
  );
  await env.DB.batch(
    periods.map(({ instanceId, seq, accountId, meter, spec, startedAt, endedAt }) =>
      statement.bind(instanceId, seq, accountId, meter, JSON.stringify(spec), startedAt, endedAt),
    ),
  );
}

/** The instance's record, which says where its machine is. */
export async function place(
  instanceId: string,
  {
    accountId = "acc_test",
    provider = "fly",
    region = "iad",
  }: Partial<Pick<UsagePeriod, "accountId" | "provider" | "region">> = {},
): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO instances (id, account_id, subdomain, name, agent_type, release, image, model_provider, model_name, provider,
       region, spec, exposure, access, labels, state, state_since, generation, version, created_at, updated_at)
     VALUES (?1, ?2, ?1, 'named', 'aider', 'v1', 'x', 'openai', 'gpt-4o', ?4, ?3, '{}', 'public', 'link', '{}', 'running', 0, 1, 1, 0, 0)`,
  )
    .bind(instanceId, accountId, region, provider)
    .run();
}

export async function rowsOf(...instanceIds: string[]): Promise<UsageRow[]> {
  const { results } = await env.DB.prepare(
    `SELECT account_id AS accountId, day, instance_id AS instanceId, running_ms AS runningMs, paused_ms AS pausedMs,
       volume_gb_ms AS volumeGbMs, cost_micros AS costMicros, rate_card AS rateCard, counted_to AS countedTo
     FROM usage_daily WHERE instance_id IN (SELECT value FROM json_each(?)) ORDER BY instance_id, day, account_id`,
  )
    .bind(JSON.stringify(instanceIds))
    .all<UsageRow>();
  return results;
}

export async function isDue(instanceId: string): Promise<boolean> {
  const row = await env.DB.prepare("SELECT 1 FROM usage_due WHERE instance_id = ?").bind(instanceId).first();
  return row !== null;
}

/** Marks of instances that no test needs any more; they would only be counted on. */
export async function forget(...instanceIds: string[]): Promise<void> {
  await env.DB.prepare("DELETE FROM usage_due WHERE instance_id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(instanceIds))
    .run();
}

export const sorted = (rows: UsageRow[]): UsageRow[] =>
  rows.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b), "en"));
const keyOf = ({ instanceId, day, accountId }: UsageRow) => `${instanceId} ${day} ${accountId}`;

/** A moment within six days, often on a day's edge. */
const moment = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 6 * DAY }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 6 }).map((days) => days * DAY) },
);

export interface Chaos {
  instanceId: string;
  periods: UsagePeriod[];
  /** Indices of `periods`, in the order their records arrive; open ones first or not, twice or not. */
  deliveries: { at: number; open: boolean }[];
  /** After how many deliveries there is a run, and as of when. */
  runs: { after: number; asOf: number }[];
}

/**
 * A history of one instance and how it reached the database. Periods follow one another as the object makes them, but for
 * clocks that disagree; the instance may change hands and size, and be deleted.
 */
export const chaos: fc.Arbitrary<Omit<Chaos, "instanceId">> = fc
  .record({
    moments: fc.array(moment, { minLength: 2, maxLength: 8 }),
    meters: fc.array(fc.constantFrom("running", "running", "paused", "none"), { minLength: 8, maxLength: 8 }),
    skews: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -HOUR, max: 2 * DAY }) },
      ),
      { minLength: 8, maxLength: 8 },
    ),
    owners: fc.array(fc.constantFrom("acc_a", "acc_a", "acc_a", "acc_b"), { minLength: 8, maxLength: 8 }),
    where: fc.constantFrom(
      { provider: "fly", region: "iad" },
      { provider: "hetzner", region: "fsn1" },
      { provider: "daytona", region: "us" },
    ),
    specs: fc.array(fc.constantFrom(SMALL, SMALL, LARGE, SOLD_WHOLE), { minLength: 8, maxLength: 8 }),
    staysOpen: fc.boolean(),
    openFirst: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    order: fc.array(fc.nat(), { minLength: 32, maxLength: 32 }),
    runs: fc.array(fc.record({ after: fc.integer({ min: 0, max: 16 }), asOf: moment }), { maxLength: 5 }),
  })
  .map(({ moments, meters, skews, owners, where, specs, staysOpen, openFirst, order, runs }) => {
    const times = moments.toSorted((a, b) => a - b).map((offset) => MIDNIGHT + offset);
    const last = times.length - 1;
    const periods = times.map((startedAt, index) =>
      aPeriod({
        ...where,
        instanceId: "",
        seq: index + 1,
        startedAt,
        endedAt:
          index < last
            ? (times[index + 1] as number) + (skews[index] as number)
            : staysOpen
              ? null
              : startedAt + HOUR,
        meter: meters[index],
        accountId: owners[index],
        spec: specs[index],
      }),
    );
    const deliveries = periods
      .flatMap((_, at) => [...(openFirst[at] ? [{ at, open: true }] : []), { at, open: false }])
      .flatMap((delivery, index) => ((order[index] as number) % 5 === 0 ? [delivery, delivery] : [delivery]))
      .map((delivery, index) => ({ delivery, weight: order[index % order.length] as number }))
      .toSorted((a, b) => a.weight - b.weight)
      .map(({ delivery }) => delivery);
    return {
      periods,
      deliveries,
      runs: runs.map(({ after, asOf }) => ({ after, asOf: MIDNIGHT + asOf })),
    };
  });
