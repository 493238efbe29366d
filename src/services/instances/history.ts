import { and, desc, eq, gt, sql } from "drizzle-orm";
import { periods } from "../../db/schema.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { computeUsage } from "../../usage/compute.ts";
import { DAY_MS, dayOf, formatDay } from "../../usage/day.ts";
import { flattenCards, RATE_CARDS } from "../../usage/rate-card.ts";
import type { Ctx } from "../context.ts";
import { readUsage, type UsageLine } from "../usage/read.ts";
import type { PeriodRow } from "./read.ts";

/** More than a picture can show; a longer history is cut, and says so. */
const MOST_PERIODS = 1_000;
/** Days of usage that are shown. */
const USAGE_DAYS = 30;

/** The shortest time that is drawn, in milliseconds. */
const LEAST_MS = 10 * 60_000;

const RATES = flattenCards(RATE_CARDS);

export interface History {
  /** Half-open. */
  from: number;
  to: number;
  /** Newest first. */
  periods: PeriodRow[];
  /** There were more: what is before the first of these is not known here. */
  isCut: boolean;
  /** Every day of the last thirty, oldest first, also those on which nothing was used. */
  usage: DayOfUse[];
}

export interface DayOfUse extends Pick<UsageLine, "runningMs" | "pausedMs" | "costMicros"> {
  day: number;
}

/**
 * What an instance was in during the last days (of one that was deleted, of its life; not before it was made), and what it used in the last thirty.
 * Reads the periods of that time and thirty rows of usage.
 */
export async function readHistory(ctx: Ctx, row: InstanceRow, days: number): Promise<History> {
  const to = row.deletedAt ?? ctx.now;
  // Before it was there is nothing to be drawn; of a very young one not its seconds alone.
  const from = Math.max(to - days * DAY_MS, Math.min(row.createdAt, to - LEAST_MS));
  const [found, counted] = await Promise.all([
    periodsSince(ctx, row.id, Math.min(from, dayOf(to))),
    readUsage(ctx, {
      groupBy: "instance-day",
      instance: row.id,
      from: formatDay(to - (USAGE_DAYS - 1) * DAY_MS),
      to: formatDay(to),
      limit: USAGE_DAYS,
    }),
  ]);
  const isCut = found.length > MOST_PERIODS;
  const known = found.slice(0, MOST_PERIODS);
  const usage = counted.lines.flatMap(({ day, ...line }) => (day === null ? [] : [{ ...line, day }]));
  const used = isCut ? usage : withToday(usage, known, { row, asOf: to });
  return {
    from,
    to,
    periods: known.filter(({ endedAt }) => endedAt === null || endedAt > from),
    isCut,
    usage: everyDay(used, dayOf(to)),
  };
}

/** By their end, as the index has them: of a long history only this time is read. */
function periodsSince({ db, accountId }: Ctx, id: string, from: number): Promise<PeriodRow[]> {
  // Spelled as the index spells it.
  const end = sql<number>`ifnull(${periods.endedAt}, 9007199254740991)`;
  return db
    .select()
    .from(periods)
    .where(and(eq(periods.instanceId, id), eq(periods.accountId, accountId), gt(end, from)))
    .orderBy(desc(end))
    .limit(MOST_PERIODS + 1);
}

/** Daily usage may be an hour old, so the last day is told by its periods. */
function withToday(
  usage: readonly DayOfUse[],
  known: readonly PeriodRow[],
  { row: { provider, region }, asOf }: { row: InstanceRow; asOf: number },
): DayOfUse[] {
  const placed = known.map((period) => ({ ...period, provider, region }));
  const today = computeUsage(placed, { asOf, rates: RATES }).find(({ day }) => day === dayOf(asOf));
  return today ? [...usage.filter(({ day }) => day !== today.day), today] : [...usage];
}

function everyDay(used: readonly DayOfUse[], last: number): DayOfUse[] {
  return Array.from({ length: USAGE_DAYS }, (_, index) => {
    const day = last - (USAGE_DAYS - 1 - index) * DAY_MS;
    return used.find((each) => each.day === day) ?? { day, runningMs: 0, pausedMs: 0, costMicros: 0 };
  });
}
