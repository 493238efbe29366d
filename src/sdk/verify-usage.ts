import type { MeteredPeriod, Usage } from "./types.ts";

const DAY_MS = 86_400_000;

/** Quantities in whole milliseconds, and GB-milliseconds. */
export interface UsageMs {
  runningMs: number;
  pausedMs: number;
  volumeGbMs: number;
}

/** One instance's day: what was recorded, and what its periods say. */
export interface UsageCheck {
  day: string;
  instanceId: string;
  ok: boolean;
  recorded: UsageMs;
  recomputed: UsageMs;
  /** Recorded minus recomputed. */
  difference: UsageMs;
  /** Something came in late: that the row differs is known, and the next run counts this day again. */
  reopened: boolean;
}

/** The outcome of recomputing usage from its periods. */
export interface UsageVerification {
  ok: boolean;
  checks: UsageCheck[];
  /** Periods that were left open although others followed: counted only up to those, but somebody should look. */
  neverClosed: MeteredPeriod[];
}

export interface VerifyInput {
  /** Rows by instance and day, each with how far it was counted. */
  usage: readonly Usage[];
  /** All periods that reach into the same days. */
  periods: readonly MeteredPeriod[];
  /** Up to here also what has no row must have none; `null` before the first run. */
  countedTo: string | null;
  /** First and last day, `2026-11-20`. */
  from: string;
  to: string;
}

/** Recomputes every row from the periods, to the millisecond, and finds rows that are missing. */
export function verifyUsage(input: VerifyInput): UsageVerification {
  const byInstance = Map.groupBy(input.periods, (period) => period.instanceId);
  const checks = new Map<string, UsageCheck>();
  for (const row of input.usage) {
    if (row.day === null || row.instanceId === null || row.countedTo === null) continue;
    const { day, instanceId, reopened } = row;
    const recorded = {
      runningMs: toMs(row.runningSeconds),
      pausedMs: toMs(row.pausedSeconds),
      volumeGbMs: toMs(row.volumeGbSeconds),
    };
    const recomputed = sumOf(byInstance.get(instanceId) ?? [], Date.parse(day), Date.parse(row.countedTo));
    checks.set(`${day} ${instanceId}`, compare({ day, instanceId, recorded, recomputed, reopened }));
  }
  const counted = input.countedTo === null ? 0 : Date.parse(input.countedTo);
  for (const [instanceId, periods] of byInstance) {
    for (
      let start = Date.parse(input.from);
      start <= Date.parse(input.to) && start < counted;
      start += DAY_MS
    ) {
      const day = new Date(start).toISOString().slice(0, 10);
      const recomputed = sumOf(periods, start, Math.min(start + DAY_MS, counted));
      if (!checks.has(`${day} ${instanceId}`) && recomputed.runningMs + recomputed.pausedMs > 0) {
        const recorded = { runningMs: 0, pausedMs: 0, volumeGbMs: 0 };
        const check = compare({ day, instanceId, recorded, recomputed, reopened: false });
        checks.set(`${day} ${instanceId}`, check);
      }
    }
  }
  const neverClosed = input.periods.filter(
    (period) => period.endedAt === null && period.supersededAt !== null,
  );
  const sorted = [...checks.values()].sort((a, b) => keyOf(a).localeCompare(keyOf(b), "en"));
  return {
    ok: sorted.every(({ ok, reopened }) => ok || reopened) && neverClosed.length === 0,
    checks: sorted,
    neverClosed,
  };
}

/** What the periods of one instance amount to between two moments. */
function sumOf(periods: readonly MeteredPeriod[], from: number, to: number): UsageMs {
  const sum = { runningMs: 0, pausedMs: 0, volumeGbMs: 0 };
  for (const period of periods) {
    const end = period.endedAt ?? period.supersededAt;
    const ms =
      Math.min(end === null ? to : Date.parse(end), to) - Math.max(Date.parse(period.startedAt), from);
    if (period.meter === "none" || ms <= 0) continue;
    sum[period.meter === "running" ? "runningMs" : "pausedMs"] += ms;
    sum.volumeGbMs += period.spec.volumeGb * ms;
  }
  return sum;
}

function compare(found: Omit<UsageCheck, "ok" | "difference">): UsageCheck {
  const difference = {
    runningMs: found.recorded.runningMs - found.recomputed.runningMs,
    pausedMs: found.recorded.pausedMs - found.recomputed.pausedMs,
    volumeGbMs: found.recorded.volumeGbMs - found.recomputed.volumeGbMs,
  };
  return { ...found, difference, ok: Object.values(difference).every((ms) => ms === 0) };
}

/** Seconds on the wire are milliseconds with a point in them. */
function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

function keyOf({ day, instanceId }: UsageCheck): string {
  return `${day} ${instanceId}`;
}
