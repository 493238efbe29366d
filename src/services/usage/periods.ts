import { and, asc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import { periods } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { DAY_MS } from "../../usage/day.ts";
import type { Ctx } from "../context.ts";
import type { Page } from "../instances/read.ts";
import { toWindow } from "./window.ts";

export type MeteredPeriod = Pick<
  typeof periods.$inferSelect,
  "instanceId" | "seq" | "state" | "meter" | "spec" | "startedAt" | "endedAt"
> & {
  /** Of a period that was never closed: where the one that followed it begins. */
  supersededAt: number | null;
};

/**
 * All of the account's periods that reach into the days, across instances, oldest first: what usage is made of, for
 * whoever wants to recompute it. A period's start never changes, so that pages hold while others are being closed.
 */
export async function listMeteredPeriods(
  ctx: Ctx,
  input: { from?: string; to?: string; instance?: string; limit: number; cursor?: string },
): Promise<Page<MeteredPeriod>> {
  const { from, to } = toWindow(input, ctx.now);
  const rows = await ctx.db
    .select({
      instanceId: periods.instanceId,
      seq: periods.seq,
      state: periods.state,
      meter: periods.meter,
      spec: periods.spec,
      startedAt: periods.startedAt,
      endedAt: periods.endedAt,
      supersededAt: sql<number | null>`iif(${periods.endedAt} IS NULL, (
        SELECT min(n.started_at) FROM periods n
        WHERE n.instance_id = ${periods.instanceId} AND n.seq > ${periods.seq}
      ), NULL)`,
    })
    .from(periods)
    .where(
      and(
        eq(periods.accountId, ctx.accountId),
        lt(periods.startedAt, to + DAY_MS),
        or(isNull(periods.endedAt), gt(periods.endedAt, from)),
        input.instance === undefined ? undefined : eq(periods.instanceId, input.instance),
        after(input.cursor),
      ),
    )
    .orderBy(asc(periods.startedAt), asc(periods.instanceId), asc(periods.seq))
    .limit(input.limit + 1);
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  const more = rows.length > input.limit && last;
  return { items, nextCursor: more ? `${last.startedAt}_${last.instanceId}_${last.seq}` : null };
}

function after(cursor: string | undefined) {
  if (cursor === undefined) {
    return undefined;
  }
  const [startedAt, instanceId, seq] = cursor.split("_");
  if (!Number.isInteger(Number(startedAt)) || !instanceId || !Number.isInteger(Number(seq))) {
    throw new AppError("invalid_request", "The cursor is not one of ours.", {
      hint: "Pass on nextCursor as it was given.",
    });
  }
  return sql`(${periods.startedAt}, ${periods.instanceId}, ${periods.seq}) > (${Number(startedAt)}, ${instanceId}, ${Number(seq)})`;
}
