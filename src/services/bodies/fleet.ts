import { and, desc, eq, isNull, ne, sql } from "drizzle-orm";
import { instances, periods } from "../../db/schema.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { flattenCards, RATE_CARDS } from "../../usage/rate-card.ts";
import { computeMicros } from "../account/spent.ts";
import type { Ctx } from "../context.ts";

/** More than an account's quota lets it have. */
const MAX_MACHINES = 500;
const RATES = flattenCards(RATE_CARDS);

export interface FleetMachine {
  row: InstanceRow;
  /** How long its machine has been started since it was made, told by the periods: never while it slept. */
  uptimeMs: number;
  /** Since when it runs now; null while it does not. */
  startedAt: number | null;
  /** What the machine, without its volume, has cost in that time by list prices. */
  computeCostMicros: number;
}

export interface Fleet {
  providers: { fly: boolean; hetzner: boolean; daytona: boolean };
  machines: FleetMachine[];
}

/** All of the account's machines, bodies and instances with an address, newest first; and which vendors may make more. */
export async function readFleet(ctx: Ctx): Promise<Fleet> {
  const { fly, hetzner, daytona } = ctx.config;
  const [rows, uptimes] = await Promise.all([readRows(ctx), readUptimes(ctx)]);
  const machines = rows.map((row) => {
    const runs = uptimes.filter(({ instanceId }) => instanceId === row.id);
    const { provider, region } = row;
    const priced = runs.map(({ spec, meter, ms }) => ({ provider, region, spec, meter, ms }));
    return {
      row,
      uptimeMs: runs.reduce((sum, { meter, ms }) => sum + (meter === "running" ? ms : 0), 0),
      startedAt: row.state === "running" ? row.stateSince : null,
      computeCostMicros: computeMicros(priced, RATES, ctx.now),
    };
  });
  return {
    providers: { fly: fly !== undefined, hetzner: hetzner !== undefined, daytona: daytona !== undefined },
    machines,
  };
}

function readRows({ db, accountId }: Ctx): Promise<InstanceRow[]> {
  return db
    .select()
    .from(instances)
    .where(and(eq(instances.accountId, accountId), isNull(instances.deletedAt)))
    .orderBy(desc(instances.id))
    .limit(MAX_MACHINES);
}

/** One row for each size a machine had, up or down. A period of another owner is another's. */
function readUptimes({ db, accountId, now }: Ctx) {
  const end = sql`min(coalesce(${periods.endedAt}, ${now}), ${now})`;
  return db
    .select({
      instanceId: periods.instanceId,
      spec: periods.spec,
      meter: periods.meter,
      ms: sql<number>`sum(max(${end} - ${periods.startedAt}, 0))`,
    })
    .from(periods)
    .innerJoin(instances, eq(instances.id, periods.instanceId))
    .where(and(eq(periods.accountId, accountId), ne(periods.meter, "none"), isNull(instances.deletedAt)))
    .groupBy(periods.instanceId, periods.spec, periods.meter);
}
