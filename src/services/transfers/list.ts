import { and, desc, eq, lt } from "drizzle-orm";
import { accounts, transfers } from "../../db/schema.ts";
import type { Ctx } from "../context.ts";
import type { Page } from "../instances/read.ts";
import { concerns, partyOf, type TransferView } from "./internal.ts";

/** Both directions, newest first. */
export async function listTransfers(
  ctx: Ctx,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<Page<TransferView>> {
  const party = await partyOf(ctx);
  const rows = await ctx.db
    .select()
    .from(transfers)
    .innerJoin(accounts, eq(accounts.id, transfers.fromAccount))
    .where(and(concerns(party), cursor === undefined ? undefined : lt(transfers.id, cursor)))
    .orderBy(desc(transfers.id))
    .limit(limit + 1);
  const items = rows
    .slice(0, limit)
    .map((row): TransferView => ({ ...row.transfers, fromEmail: row.accounts.email }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
