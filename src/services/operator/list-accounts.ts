import { desc, lt } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import type { Ctx } from "../context.ts";
import { type Page, toPage } from "../instances/read.ts";
import type { AccountRow } from "./create-account.ts";

/** Every account, newest first: ids sort by time. */
export async function listAccounts(
  ctx: Ctx,
  input: { limit: number; cursor?: string },
): Promise<Page<AccountRow>> {
  const rows = await ctx.db
    .select()
    .from(accounts)
    .where(input.cursor === undefined ? undefined : lt(accounts.id, input.cursor))
    .orderBy(desc(accounts.id))
    .limit(input.limit + 1);
  return toPage(rows, input.limit, (row) => row.id);
}
