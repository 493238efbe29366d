import { type SQL, sql } from "drizzle-orm";
import type { MachineSpec } from "../../providers/provider.ts";
import { dayOf } from "../../usage/day.ts";
import type { Ctx } from "../context.ts";
import { priceOf } from "./price.ts";

/** What was used of one instance, or of all, since the day began (UTC). */
export interface Today {
  runningMs: number;
  /** Machine and volume by list prices: an estimate. */
  costMicros: number;
}

export const NOTHING_TODAY: Today = { runningMs: 0, costMicros: 0 };

interface Row {
  instance_id: string;
  provider: string;
  region: string;
  spec: string;
  running_ms: number;
  paused_ms: number;
}

/**
 * Today so far, told by the periods up to this moment, since daily usage may be an hour old: of the account's instances and
 * of those deleted today, in one sum. Reads the account's instances, and of each the periods that reach into the day.
 */
export async function usedToday(ctx: Ctx): Promise<Today> {
  const rows = await readToday(ctx, {
    which: sql`(i.deleted_at IS NULL OR i.deleted_at > ${dayOf(ctx.now)})`,
    by: sql``,
  });
  return rows.map((row) => toToday(row, ctx.now)).reduce(plus, NOTHING_TODAY);
}

/** The same for each of these. */
export async function usedTodayBy(ctx: Ctx, ids: readonly string[]): Promise<Map<string, Today>> {
  const sums = new Map<string, Today>();
  if (ids.length === 0) {
    return sums;
  }
  const which = sql`i.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  for (const row of await readToday(ctx, { which, by: sql`i.id, ` })) {
    sums.set(row.instance_id, plus(sums.get(row.instance_id) ?? NOTHING_TODAY, toToday(row, ctx.now)));
  }
  return sums;
}

/** The index of periods by their end is named, and its expression spelled as it is: of a long history only today is read. */
function readToday({ db, accountId, now }: Ctx, { which, by }: { which: SQL; by: SQL }): Promise<Row[]> {
  const day = dayOf(now);
  // One that was left open although another followed ended where that began, as in the usage.
  const successor = sql`(SELECT min(n.started_at) FROM periods n WHERE n.instance_id = p.instance_id AND n.seq > p.seq)`;
  const ms = sql`max(min(coalesce(p.ended_at, ${successor}, ${now}), ${now}) - max(p.started_at, ${day}), 0)`;
  return db.all<Row>(sql`
    SELECT min(i.id) AS instance_id, i.provider, i.region, p.spec,
      sum(iif(p.meter = 'running', ${ms}, 0)) AS running_ms, sum(iif(p.meter = 'paused', ${ms}, 0)) AS paused_ms
    FROM instances i CROSS JOIN periods p INDEXED BY periods_by_end
      ON p.instance_id = i.id AND ifnull(p.ended_at, 9007199254740991) > ${day}
    WHERE i.account_id = ${accountId} AND ${which} AND p.account_id = ${accountId} AND p.meter <> 'none'
    GROUP BY ${by}i.provider, i.region, p.spec`);
}

function toToday({ provider, region, spec, running_ms, paused_ms }: Row, now: number): Today {
  const where = { provider, region, spec: JSON.parse(spec) as MachineSpec };
  const used = { runningMs: running_ms, pausedMs: paused_ms };
  return { runningMs: running_ms, costMicros: priceOf(where, used, now) };
}

function plus(a: Today, b: Today): Today {
  return { runningMs: a.runningMs + b.runningMs, costMicros: a.costMicros + b.costMicros };
}
