import { and, count, eq, isNull } from "drizzle-orm";
import { instances } from "../../db/schema.ts";
import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { describeError, logEvent } from "../../log.ts";
import type { Ctx } from "../context.ts";
import { NOTHING_TODAY, type Today, usedToday, usedTodayBy } from "../usage/today.ts";
import { type ListInput, listInstances } from "./read.ts";

/** An object that is slower than this is shown as the records have it, in milliseconds. */
const PATIENCE_MS = 700;
/** What happens to one in such a state is written down before it is told of; of all others the object knows more. */
const AT_REST: readonly string[] = ["stopped", "suspended", "error"];

export interface ListedInstance {
  row: InstanceRow & Partial<InstanceNow>;
  today: Today;
}

export interface Totals {
  byState: ReadonlyMap<string, number>;
  today: Today;
}

export interface Overview {
  items: ListedInstance[];
  nextCursor: string | null;
  totals: Totals;
}

/**
 * One page of the account's instances as they are now, and of all of them how many there are in which state and what today has cost.
 * Asks the object of each instance on the page that does not rest.
 */
export async function readOverview(ctx: Ctx, input: ListInput): Promise<Overview> {
  const [page, byState, today] = await Promise.all([
    listInstances(ctx, input),
    countByState(ctx),
    usedToday(ctx),
  ]);
  const [rows, todayBy] = await Promise.all([
    Promise.all(page.items.map((row) => asItIsNow(ctx, row))),
    usedTodayBy(
      ctx,
      page.items.map(({ id }) => id),
    ),
  ]);
  const items = rows
    // Handed over a moment ago, which the records do not tell yet.
    .filter((row) => row.accountId === ctx.accountId)
    .map((row) => ({ row, today: todayBy.get(row.id) ?? NOTHING_TODAY }));
  return { items, nextCursor: page.nextCursor, totals: { byState, today } };
}

/** Reads every instance of the account once. */
async function countByState({ db, accountId }: Ctx): Promise<Map<string, number>> {
  const rows = await db
    .select({ state: instances.state, number: count() })
    .from(instances)
    .where(and(eq(instances.accountId, accountId), isNull(instances.deletedAt)))
    .groupBy(instances.state);
  return new Map(rows.map(({ state, number }) => [state, number]));
}

async function asItIsNow(ctx: Ctx, row: InstanceRow): Promise<ListedInstance["row"]> {
  if (AT_REST.includes(row.state)) {
    return row;
  }
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS));
  const now = instanceStub(ctx.env, row.id)
    .get()
    .catch((error: unknown) => {
      logEvent("overview.object_failed", { level: "error", instanceId: row.id, cause: describeError(error) });
      return undefined;
    });
  return (await Promise.race([now, late])) ?? row;
}
