import { and, eq, isNull } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { tokens } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import { requireRight } from "../require-right.ts";

/** From the next request on the token is nothing. @throws not_found when there is no live token of this id. */
export async function revokeToken(ctx: Ctx, id: string): Promise<void> {
  const mine = and(eq(tokens.id, id), eq(tokens.accountId, ctx.accountId), isNull(tokens.revokedAt));
  const [token] = await ctx.db.select().from(tokens).where(mine).limit(1);
  if (token && (token.createdBy === null || token.createdBy !== ctx.personId)) {
    requireRight(ctx, "tokens_of_others");
  }
  const mutation = ctx.db.update(tokens).set({ revokedAt: ctx.now }).where(mine);
  const audit = auditEntry({
    accountId: ctx.accountId,
    actor: ctx.actor,
    action: "token.revoke",
    target: id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { before: { name: token?.name, prefix: token?.prefix } },
  });
  if (!token || !(await commit(ctx.db, mutation, audit))) {
    throw new AppError("not_found", `There is no token "${id.slice(0, 64)}".`, {
      hint: "List yours with: gentity tokens list",
    });
  }
}
