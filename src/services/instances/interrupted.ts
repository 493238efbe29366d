import { and, eq, lt } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { instances } from "../../db/schema.ts";
import { instanceStub } from "../../instance/stub.ts";
import { logEvent } from "../../log.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";

/** Longer than any request lives: after this nobody is between the row and the object any more. */
const GRACE_MS = 5 * 60_000;
const BATCH = 50;

/**
 * A create that died between its row and its object left a row that will never run. Nothing was made at a vendor, so the
 * row is closed. Where the object is there after all, it is asked to write its own record again.
 */
export async function clearInterruptedCreates(ctx: Pick<Ctx, "env" | "db" | "now">): Promise<void> {
  const rows = await ctx.db
    .select()
    .from(instances)
    .where(and(eq(instances.version, 0), lt(instances.createdAt, ctx.now - GRACE_MS)))
    .limit(BATCH);
  for (const row of rows) {
    if (await instanceStub(ctx.env, row.id).project()) {
      continue;
    }
    const audit = auditEntry({
      accountId: row.accountId,
      instanceId: row.id,
      actor: { type: "system", id: "cron" },
      action: "instance.create_interrupted",
      target: row.id,
      at: ctx.now,
    });
    const close = ctx.db
      .update(instances)
      .set({ state: "deleted", stateSince: ctx.now, updatedAt: ctx.now, deletedAt: ctx.now, version: 1 })
      .where(and(eq(instances.id, row.id), eq(instances.version, 0)));
    await commit(ctx.db, close, audit);
    logEvent("instance.create_interrupted", { instanceId: row.id });
  }
}
