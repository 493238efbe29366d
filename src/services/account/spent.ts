import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { periods } from "../../db/schema.ts";
import type { MachineSpec } from "../../providers/provider.ts";

/** What an account's compute has cost since the month began (UTC), in micro-dollars: an estimate. */
export type SpentThisMonth = (db: Db, accountId: string, now: number) => Promise<number>;

/** Micro-dollars an hour. */
export interface ComputeRate {
  cpu: Record<MachineSpec["cpuKind"], number>;
  memoryGb: number;
}

/** The vendor's list price of a machine, taken apart into CPUs and memory; without volumes and traffic. */
const RATE: ComputeRate = { cpu: { shared: 950, performance: 28_800 }, memoryGb: 6_850 };

const HOUR_MS = 3_600_000;

/** From the records: each period on the running meter, as far as it lies in this month. */
export const spentThisMonth: SpentThisMonth = async (db, accountId, now) => {
  const from = monthStart(now);
  const end = sql`min(coalesce(${periods.endedAt}, ${now}), ${now})`;
  const rows = await db
    .select({ spec: periods.spec, ms: sql<number>`sum(max(${end} - max(${periods.startedAt}, ${from}), 0))` })
    .from(periods)
    .where(
      and(
        eq(periods.accountId, accountId),
        eq(periods.meter, "running"),
        or(isNull(periods.endedAt), gt(periods.endedAt, from)),
      ),
    )
    .groupBy(periods.spec);
  return computeMicros(rows, RATE);
};

export function computeMicros(rows: readonly { spec: MachineSpec; ms: number }[], rate: ComputeRate): number {
  const micros = rows.map(({ spec, ms }) => {
    const hourly = spec.cpus * rate.cpu[spec.cpuKind] + (spec.memoryMb / 1024) * rate.memoryGb;
    return (hourly * ms) / HOUR_MS;
  });
  return Math.round(micros.reduce((sum, each) => sum + each, 0));
}

export function monthStart(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
