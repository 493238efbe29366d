import { and, desc, eq, isNull, lt, or, sql } from "drizzle-orm";
import { instances, periods } from "../../db/schema.ts";
import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { Ctx } from "../context.ts";
import { ownRow, resolveInstance } from "./resolve.ts";

/** From the object: what you just did is what you see. */
export async function getInstance(ctx: Ctx, name: string): Promise<InstanceRow & Partial<InstanceNow>> {
  const row = await resolveInstance(ctx, name);
  return ownRow(ctx, name, (await instanceStub(ctx.env, row.id).get()) ?? row);
}

export interface ListInput {
  status?: string;
  agentType?: string;
  /** `key` or `key=value`. */
  label?: string;
  exposure: InstanceRow["exposure"] | "all";
  /** Part of the name, or the whole id or subdomain. */
  search?: string;
  limit: number;
  cursor?: string;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Newest first, from the records. Deleted ones are not listed. */
export async function listInstances(ctx: Ctx, input: ListInput): Promise<Page<InstanceRow>> {
  const rows = await ctx.db
    .select()
    .from(instances)
    .where(
      and(
        eq(instances.accountId, ctx.accountId),
        isNull(instances.deletedAt),
        input.cursor === undefined ? undefined : lt(instances.id, input.cursor),
        input.status === undefined ? undefined : eq(instances.state, input.status),
        input.agentType === undefined ? undefined : eq(instances.agentType, input.agentType),
        labelFilter(input.label),
        input.exposure === "all" ? undefined : eq(instances.exposure, input.exposure),
        searchFilter(input.search),
      ),
    )
    .orderBy(desc(instances.id))
    .limit(input.limit + 1);
  return toPage(rows, input.limit, (row) => row.id);
}

function labelFilter(label: string | undefined) {
  if (label === undefined) {
    return undefined;
  }
  const [key = "", value] = label.split("=", 2);
  const stored = sql`json_extract(${instances.labels}, ${`$."${key.replaceAll('"', "")}"`})`;
  return value === undefined ? sql`${stored} IS NOT NULL` : sql`${stored} = ${value}`;
}

function searchFilter(search: string | undefined) {
  return search === undefined
    ? undefined
    : or(
        sql`instr(lower(${instances.name}), lower(${search})) > 0`,
        eq(instances.id, search),
        eq(instances.subdomain, search),
      );
}

export type PeriodRow = typeof periods.$inferSelect;

/** State periods, newest first. */
export async function listPeriods(
  ctx: Ctx,
  name: string,
  input: { limit: number; cursor?: string },
): Promise<Page<PeriodRow>> {
  const row = await resolveInstance(ctx, name);
  const rows = await ctx.db
    .select()
    .from(periods)
    .where(
      and(
        eq(periods.instanceId, row.id),
        eq(periods.accountId, ctx.accountId),
        input.cursor === undefined ? undefined : lt(periods.seq, Number(input.cursor)),
      ),
    )
    .orderBy(desc(periods.seq))
    .limit(input.limit + 1);
  return toPage(rows, input.limit, (period) => String(period.seq));
}

/** One row more than the limit was read, to know whether there is a next page. */
export function toPage<T>(rows: T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? cursorOf(last) : null };
}
