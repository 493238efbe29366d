import { and, eq, isNull } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { invitations } from "../../db/people.ts";
import { AppError } from "../../errors.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import { requireRight } from "../require-right.ts";
import { isStillOwner } from "./guards.ts";

/** From this moment on the link opens nothing. @throws forbidden, not_found */
export async function withdrawInvitation(ctx: Ctx, id: string): Promise<void> {
  requireRight(ctx, "people");
  const isOpen = and(
    eq(invitations.id, id),
    eq(invitations.accountId, ctx.accountId),
    isNull(invitations.endedAt),
    isStillOwner(ctx),
  );
  const audit = auditEntry({
    accountId: ctx.accountId,
    actor: ctx.actor,
    action: "invitation.cancel",
    target: id,
    at: ctx.now,
    requestId: ctx.requestId,
  });
  if (!(await commit(ctx.db, ctx.db.update(invitations).set({ endedAt: ctx.now }).where(isOpen), audit))) {
    throw new AppError("not_found", "There is no such open invitation.");
  }
}
