import { and, between, desc, eq, isNotNull, lt, or, type SQL, sql } from "drizzle-orm";
import { instances, periods } from "../../db/schema.ts";
import { usageDaily, usageDue, usageRuns } from "../../db/usage.ts";
import { AppError } from "../../errors.ts";
import { DAY_MS } from "../../usage/day.ts";
import type { Ctx } from "../context.ts";
import { resolveInstanceForDelete } from "../instances/resolve.ts";
import { toWindow, type Window } from "./window.ts";

export const GROUPINGS = ["day", "instance", "instance-day"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface UsageInput {
  from?: string;
  to?: string;
  groupBy: Grouping;
  /** A whole id, of an instance that may be gone. */
  instance?: string;
  limit: number;
  cursor?: string;
}

export interface Usage {
  runningMs: number;
  pausedMs: number;
  volumeGbMs: number;
  costMicros: number;
}

export interface UsageLine extends Usage {
  day: number | null;
  instanceId: string | null;
  /** Null once the instance is no longer this account's. */
  name: string | null;
  deletedAt: number | null;
  /** The days are over, and nothing has come in late since they were counted. */
  final: boolean;
  /** Of a single row: how far its day has been counted. */
  countedTo: number | null;
  /** Something came in late: the next run counts it again. */
  reopened: boolean;
}

export interface UsagePage {
  window: Window;
  lines: UsageLine[];
  nextCursor: string | null;
}

const total = {
  runningMs: sql<number>`coalesce(sum(${usageDaily.runningMs}), 0)`,
  pausedMs: sql<number>`coalesce(sum(${usageDaily.pausedMs}), 0)`,
  volumeGbMs: sql<number>`coalesce(sum(${usageDaily.volumeGbMs}), 0)`,
  costMicros: sql<number>`coalesce(sum(${usageDaily.costMicros}), 0)`,
};

const isReopened = sql`coalesce(${usageDue.since} < ${usageDaily.countedTo}, 0)`;
const isOver = sql`${usageDaily.countedTo} >= ${usageDaily.day} + ${DAY_MS}`;

/** One page of what the account used, newest first. */
export async function readUsage(ctx: Ctx, input: UsageInput): Promise<UsagePage> {
  const window = toWindow(input, ctx.now);
  const byDay = input.groupBy !== "instance";
  const byInstance = input.groupBy !== "day";
  const keys = [...(byDay ? [usageDaily.day] : []), ...(byInstance ? [usageDaily.instanceId] : [])];
  const rows = await ctx.db
    .select({
      ...total,
      day: byDay ? usageDaily.day : sql<null>`NULL`,
      instanceId: byInstance ? usageDaily.instanceId : sql<null>`NULL`,
      name: byInstance ? sql<string | null>`max(${instances.name})` : sql<null>`NULL`,
      deletedAt: byInstance ? sql<number | null>`max(${instances.deletedAt})` : sql<null>`NULL`,
      final: sql<number>`min(${isOver} AND NOT ${isReopened})`,
      reopened: sql<number>`max(${isReopened})`,
      countedTo: byDay && byInstance ? sql<number>`max(${usageDaily.countedTo})` : sql<null>`NULL`,
    })
    .from(usageDaily)
    .leftJoin(usageDue, eq(usageDue.instanceId, usageDaily.instanceId))
    .leftJoin(
      instances,
      and(eq(instances.id, usageDaily.instanceId), eq(instances.accountId, usageDaily.accountId)),
    )
    .where(and(matches(ctx, window, input), after(input)))
    .groupBy(...keys)
    .orderBy(...keys.map((key) => desc(key)))
    .limit(input.limit + 1);
  const lines = rows
    .slice(0, input.limit)
    .map((row) => ({ ...row, final: row.final === 1, reopened: row.reopened === 1 }));
  const last = lines.at(-1);
  return { window, lines, nextCursor: rows.length > input.limit && last ? cursorOf(last) : null };
}

/** Everything that the filter matches, in one sum. */
export async function totalUsage(ctx: Ctx, window: Window, filter: { instance?: string }): Promise<Usage> {
  const [sum] = await ctx.db
    .select(total)
    .from(usageDaily)
    .where(matches(ctx, window, filter));
  return sum ?? { runningMs: 0, pausedMs: 0, volumeGbMs: 0, costMicros: 0 };
}

/** Everything before this moment that was known then has been counted; null before the first run. */
export async function countedTo(ctx: Pick<Ctx, "db">): Promise<number | null> {
  const [newest] = await ctx.db
    .select({ asOf: usageRuns.asOf })
    .from(usageRuns)
    .where(isNotNull(usageRuns.finishedAt))
    .orderBy(desc(usageRuns.asOf))
    .limit(1);
  return newest?.asOf ?? null;
}

/**
 * The id of an instance whose usage this account may see: one of its own, also a deleted one, or by its whole id one that
 * it has handed on, whose past stays here.
 */
export async function resolveForUsage(ctx: Ctx, name: string): Promise<string> {
  try {
    return (await resolveInstanceForDelete(ctx, name)).id;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found" && (await wasOurs(ctx, name))) {
      return name;
    }
    throw error;
  }
}

async function wasOurs(ctx: Ctx, id: string): Promise<boolean> {
  const [period] = await ctx.db
    .select({ seq: periods.seq })
    .from(periods)
    .where(and(eq(periods.instanceId, id), eq(periods.accountId, ctx.accountId)))
    .limit(1);
  return period !== undefined;
}

function matches(ctx: Ctx, window: Window, { instance }: { instance?: string }): SQL | undefined {
  return and(
    eq(usageDaily.accountId, ctx.accountId),
    between(usageDaily.day, window.from, window.to),
    instance === undefined ? undefined : eq(usageDaily.instanceId, instance),
  );
}

function cursorOf({ day, instanceId }: UsageLine): string {
  return `${day ?? ""}_${instanceId ?? ""}`;
}

function after({ cursor, groupBy }: UsageInput): SQL | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  const [day = "", instanceId = ""] = cursor.split("_", 2);
  const isEarlier = lt(usageDaily.day, Number(day) || 0);
  const isBefore = lt(usageDaily.instanceId, instanceId);
  switch (groupBy) {
    case "day":
      return isEarlier;
    case "instance":
      return isBefore;
    case "instance-day":
      return or(isEarlier, and(eq(usageDaily.day, Number(day) || 0), isBefore));
    default:
      return groupBy satisfies never;
  }
}
