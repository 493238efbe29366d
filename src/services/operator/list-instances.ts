import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { instances } from "../../db/schema.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { Ctx } from "../context.ts";
import { type Page, toPage } from "../instances/read.ts";

/** Every account's instances, newest first, from the records. Deleted ones are not listed. */
export async function listAllInstances(
  ctx: Ctx,
  input: { accountId?: string; status?: string; limit: number; cursor?: string },
): Promise<Page<InstanceRow>> {
  const rows = await ctx.db
    .select()
    .from(instances)
    .where(
      and(
        isNull(instances.deletedAt),
        input.cursor === undefined ? undefined : lt(instances.id, input.cursor),
        input.accountId === undefined ? undefined : eq(instances.accountId, input.accountId),
        input.status === undefined ? undefined : eq(instances.state, input.status),
      ),
    )
    .orderBy(desc(instances.id))
    .limit(input.limit + 1);
  return toPage(rows, input.limit, (row) => row.id);
}
