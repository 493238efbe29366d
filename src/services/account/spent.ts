import { and, eq, gt, isNull, ne, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { instances, periods } from "../../db/schema.ts";
import type { MachineSpec } from "../../providers/provider.ts";
import {
  ANY_REGION,
  findRates,
  flattenCards,
  machineRate,
  RATE_CARDS,
  type RegionRates,
} from "../../usage/rate-card.ts";

/** What an account's compute has cost since the month began (UTC), in micro-dollars: an estimate. */
export type SpentThisMonth = (db: Db, accountId: string, now: number) => Promise<number>;

/** How long machines of one kind were up (`running`) or down. */
export interface MachineTime {
  provider: string;
  region: string;
  spec: MachineSpec;
  meter: string;
  ms: number;
}

const RATES = flattenCards(RATE_CARDS);
/** Pico-dollars a second times milliseconds, in micro-dollars. */
const PICO_MS_PER_MICRO = 1e9;

/**
 * From the periods up to this moment, since daily usage may be an hour old: each one in which the machine is billed, as far as it lies
 * in this month. Without volumes, which cost the same whether anything runs or not.
 */
export const spentThisMonth: SpentThisMonth = async (db, accountId, now) => {
  const from = monthStart(now);
  const end = sql`min(coalesce(${periods.endedAt}, ${now}), ${now})`;
  const rows = await db
    .select({
      // A period is counted also where its instance is not known here, at the price of no region in particular.
      provider: sql<string>`coalesce(${instances.provider}, 'fly')`,
      region: sql<string>`coalesce(${instances.region}, ${ANY_REGION})`,
      spec: periods.spec,
      meter: periods.meter,
      ms: sql<number>`sum(max(${end} - max(${periods.startedAt}, ${from}), 0))`,
    })
    .from(periods)
    .leftJoin(instances, eq(instances.id, periods.instanceId))
    .where(
      and(
        eq(periods.accountId, accountId),
        ne(periods.meter, "none"),
        or(isNull(periods.endedAt), gt(periods.endedAt, from)),
      ),
    )
    .groupBy(instances.provider, instances.region, periods.spec, periods.meter);
  return computeMicros(rows, RATES, from);
};

/** By the rate card in force on `day`. A provider without one costs nothing here, as in the usage. */
export function computeMicros(
  rows: readonly MachineTime[],
  rates: readonly RegionRates[],
  day: number,
): number {
  const micros = rows.map(({ provider, region, spec, meter, ms }) => {
    const rate = findRates(rates, { provider, region, day, spec });
    const isBilled = rate !== undefined && (meter === "running" || rate.billsWhileOff);
    return isBilled ? (machineRate(rate, spec) * ms) / PICO_MS_PER_MICRO : 0;
  });
  return Math.round(micros.reduce((sum, each) => sum + each, 0));
}

export function monthStart(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
