import { and, desc, eq, inArray, isNotNull, lt, sql } from "drizzle-orm";
import { instances } from "../../db/schema.ts";
import { usageDaily, usageDue } from "../../db/usage.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { Ctx } from "../context.ts";
import { type Page, toPage } from "./read.ts";

export interface DeletedInstance {
  row: InstanceRow;
  /** Of all the time that it was this account's, by list prices: an estimate. */
  runningMs: number;
  costMicros: number;
  /** All of it has been counted. */
  isCounted: boolean;
}

/** The account's instances that were deleted, newest made first, with what they have used. */
export async function listDeleted(
  ctx: Ctx,
  input: { limit: number; cursor?: string },
): Promise<Page<DeletedInstance>> {
  const rows = await ctx.db
    .select()
    .from(instances)
    .where(
      and(
        eq(instances.accountId, ctx.accountId),
        isNotNull(instances.deletedAt),
        input.cursor === undefined ? undefined : lt(instances.id, input.cursor),
      ),
    )
    .orderBy(desc(instances.id))
    .limit(input.limit + 1);
  const { items, nextCursor } = toPage(rows, input.limit, (row) => row.id);
  const ids = items.map(({ id }) => id);
  const [used, due] = await Promise.all([readUsed(ctx, ids), readDue(ctx, ids)]);
  return {
    nextCursor,
    items: items.map((row) => ({
      row,
      runningMs: used.get(row.id)?.runningMs ?? 0,
      costMicros: used.get(row.id)?.costMicros ?? 0,
      isCounted: (due.get(row.id) ?? Number.POSITIVE_INFINITY) >= (row.deletedAt ?? 0),
    })),
  };
}

/** A row a day for each. */
async function readUsed({ db, accountId }: Ctx, ids: readonly string[]) {
  if (ids.length === 0) {
    return new Map<string, never>();
  }
  const rows = await db
    .select({
      instanceId: usageDaily.instanceId,
      runningMs: sql<number>`sum(${usageDaily.runningMs})`,
      costMicros: sql<number>`sum(${usageDaily.costMicros})`,
    })
    .from(usageDaily)
    .where(and(inArray(usageDaily.instanceId, [...ids]), eq(usageDaily.accountId, accountId)))
    .groupBy(usageDaily.instanceId);
  return new Map(rows.map((row) => [row.instanceId, row]));
}

/** Up to when the usage of each is right, of those that are not counted for good. */
async function readDue({ db }: Ctx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await db
    .select({ id: usageDue.instanceId, since: usageDue.since })
    .from(usageDue)
    .where(inArray(usageDue.instanceId, [...ids]));
  return new Map(rows.map(({ id, since }) => [id, since]));
}
