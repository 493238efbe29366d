import { DAY_MS, dayOf } from "./day.ts";
import { findRates, machineRate, type PricedSpec, type RegionRates } from "./rate-card.ts";

/** A period as usage sees it, with where its machine was. */
export interface UsagePeriod {
  instanceId: string;
  seq: number;
  accountId: string;
  /** `running`: compute and volume; `paused`: the volume. */
  meter: string;
  spec: PricedSpec;
  startedAt: number;
  endedAt: number | null;
  provider: string;
  region: string;
}

/** What one account used of one instance on one day. */
export interface UsageRow {
  accountId: string;
  day: number;
  instanceId: string;
  runningMs: number;
  pausedMs: number;
  volumeGbMs: number;
  costMicros: number;
  rateCard: string;
  countedTo: number;
}

/** Pico-dollars per second times milliseconds, in a micro-dollar. */
const UNITS_PER_MICRO = 1_000_000_000n;

/**
 * Usage by account, instance and day, counted up to `asOf`. This is what the rows mean: the set-based statements of
 * `freeze.ts` do the same in the database, and are held to it.
 *
 * Cost is summed exactly and rounded once per row, half up.
 */
export function computeUsage(
  periods: readonly UsagePeriod[],
  { asOf, rates }: { asOf: number; rates: readonly RegionRates[] },
): UsageRow[] {
  const sums = new Map<string, { row: UsageRow; cost: bigint }>();
  for (const period of periods) {
    const end = Math.min(endOf(period, periods) ?? asOf, asOf);
    if (period.meter === "none") {
      continue;
    }
    for (let day = dayOf(period.startedAt); day < end; day += DAY_MS) {
      const ms = Math.min(end, day + DAY_MS) - Math.max(period.startedAt, day);
      if (ms > 0) {
        add(sums, period, { day, ms, asOf, rates });
      }
    }
  }
  return [...sums.values()].map(({ row, cost }) => ({
    ...row,
    costMicros: Number((cost + UNITS_PER_MICRO / 2n) / UNITS_PER_MICRO),
  }));
}

/**
 * When a period ended, or null. One that was left open although another followed ended where that began: nobody pays for
 * a close that was lost.
 */
export function endOf(period: UsagePeriod, periods: readonly UsagePeriod[]): number | null {
  if (period.endedAt !== null) {
    return period.endedAt;
  }
  const starts = periods
    .filter((other) => other.instanceId === period.instanceId && other.seq > period.seq)
    .map((other) => other.startedAt);
  return starts.length === 0 ? null : Math.min(...starts);
}

function add(
  sums: Map<string, { row: UsageRow; cost: bigint }>,
  { accountId, instanceId, meter, spec, provider, region }: UsagePeriod,
  slice: { day: number; ms: number; asOf: number; rates: readonly RegionRates[] },
): void {
  const { day, ms } = slice;
  const key = JSON.stringify([accountId, instanceId, day]);
  const sum = sums.get(key) ?? { row: emptyRow(accountId, instanceId, day, slice.asOf), cost: 0n };
  sums.set(key, sum);
  const rates = findRates(slice.rates, { provider, region, day, spec });
  const volumeGbMs = spec.volumeGb * ms;
  sum.row.volumeGbMs += volumeGbMs;
  sum.row[meter === "running" ? "runningMs" : "pausedMs"] += ms;
  if (rates) {
    const isBilled = meter === "running" || rates.billsWhileOff;
    const machine = isBilled ? BigInt(machineRate(rates, spec)) * BigInt(ms) : 0n;
    sum.cost += machine + BigInt(rates.volumeGb) * BigInt(volumeGbMs);
    sum.row.rateCard = rates.version;
  }
}

function emptyRow(accountId: string, instanceId: string, day: number, asOf: number): UsageRow {
  const countedTo = Math.min(asOf, day + DAY_MS);
  const nothing = { runningMs: 0, pausedMs: 0, volumeGbMs: 0, costMicros: 0, rateCard: "" };
  return { accountId, day, instanceId, ...nothing, countedTo };
}
