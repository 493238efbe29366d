import { and, asc, desc, eq, gt, lt } from "drizzle-orm";
import { auditEvents, auditHeads } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import type { Ctx } from "../context.ts";
import type { Page } from "../instances/read.ts";
import { resolveInstanceForDelete } from "../instances/resolve.ts";

/** Newest first, going on before `cursor`; with `after` oldest first, going on after it. */
export interface Reading {
  limit: number;
  cursor?: number;
  after?: number;
}

export type AuditEventRow = typeof auditEvents.$inferSelect;
export type AuditHeadRow = typeof auditHeads.$inferSelect;

/** The account's events, of all chains or of one. */
export function listEvents(ctx: Ctx, input: Reading & { chain?: string }): Promise<Page<AuditEventRow>> {
  return readEvents(ctx, input, input.chain === undefined ? undefined : eq(auditEvents.chain, input.chain));
}

/** What happened to one instance, also when it is long deleted (then by its whole id). */
export async function listInstanceEvents(
  ctx: Ctx,
  name: string,
  input: Reading,
): Promise<Page<AuditEventRow>> {
  return listEventsOf(ctx, (await resolveInstanceForDelete(ctx, name)).id, input);
}

/** The same by its whole id; none of it is another account's, whosever the instance is. */
export function listEventsOf(ctx: Ctx, instanceId: string, input: Reading): Promise<Page<AuditEventRow>> {
  return readEvents(ctx, input, eq(auditEvents.instanceId, instanceId));
}

async function readEvents(
  ctx: Ctx,
  input: Reading,
  which: ReturnType<typeof eq> | undefined,
): Promise<Page<AuditEventRow>> {
  const { range, order } = window(auditEvents.position, input);
  const rows = await ctx.db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.accountId, ctx.accountId), which, range))
    .orderBy(order)
    .limit(input.limit + 1);
  return toPage(rows, input.limit);
}

/** Every head of the account's chains that was ever signed. */
export async function listHeads(ctx: Ctx, input: Reading): Promise<Page<AuditHeadRow>> {
  const { range, order } = window(auditHeads.position, input);
  const rows = await ctx.db
    .select()
    .from(auditHeads)
    .where(and(eq(auditHeads.accountId, ctx.accountId), range))
    .orderBy(order)
    .limit(input.limit + 1);
  return toPage(rows, input.limit);
}

function window(
  position: typeof auditEvents.position | typeof auditHeads.position,
  { cursor, after }: Reading,
) {
  if (after === undefined) {
    return { range: cursor === undefined ? undefined : lt(position, cursor), order: desc(position) };
  }
  if (cursor !== undefined) {
    throw new AppError(
      "invalid_request",
      "Give `cursor` (newest first) or `after` (oldest first), not both.",
    );
  }
  return { range: gt(position, after), order: asc(position) };
}

function toPage<T extends { position: number }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? String(last.position) : null };
}
