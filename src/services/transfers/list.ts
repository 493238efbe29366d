import { and, desc, eq, inArray, lt, ne } from "drizzle-orm";
import { accounts, instances, transfers } from "../../db/schema.ts";
import type { Ctx } from "../context.ts";
import type { Page } from "../instances/read.ts";
import { concerns, partyOf, type TransferView } from "./internal.ts";

/** D1 takes 100 parameters a statement. */
const MAX_LOOKUP = 90;

/** Both directions, newest first. */
export async function listTransfers(
  ctx: Ctx,
  { limit, cursor, which }: { limit: number; cursor?: string; which?: "offered" | "decided" },
): Promise<Page<TransferView>> {
  const party = await partyOf(ctx);
  const rows = await ctx.db
    .select()
    .from(transfers)
    .innerJoin(accounts, eq(accounts.id, transfers.fromAccount))
    .where(
      and(
        concerns(party),
        cursor === undefined ? undefined : lt(transfers.id, cursor),
        which === undefined
          ? undefined
          : which === "offered"
            ? eq(transfers.state, "offered")
            : ne(transfers.state, "offered"),
      ),
    )
    .orderBy(desc(transfers.id))
    .limit(limit + 1);
  const items = rows
    .slice(0, limit)
    .map((row): TransferView => ({ ...row.transfers, fromEmail: row.accounts.email }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** What an instance on offer is, as far as whoever may take it over has to know. */
export type OfferedInstance = Pick<
  typeof instances.$inferSelect,
  "id" | "modelProvider" | "modelName" | "provider" | "region" | "spec"
>;

/** The instances of these offers, by their ids; only such as are open and concern this account, as `listTransfers` found them. */
export async function readOffered(
  ctx: Ctx,
  offers: readonly TransferView[],
): Promise<Map<string, OfferedInstance>> {
  const ids = offers.filter(({ state }) => state === "offered").map(({ instanceId }) => instanceId);
  const rows =
    ids.length === 0
      ? []
      : await ctx.db
          .select({
            id: instances.id,
            modelProvider: instances.modelProvider,
            modelName: instances.modelName,
            provider: instances.provider,
            region: instances.region,
            spec: instances.spec,
          })
          .from(instances)
          .where(inArray(instances.id, ids.slice(0, MAX_LOOKUP)));
  return new Map(rows.map((row) => [row.id, row]));
}
