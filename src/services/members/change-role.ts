import { and, eq, ne, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { members, type Role } from "../../db/people.ts";
import { AppError } from "../../errors.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import { requireRight } from "../require-right.ts";
import { isStillOwner, leavesAnOwner } from "./guards.ts";

/** The same role again changes nothing. @throws forbidden, not_found; invalid_state where no owner would be left */
export async function changeRole(ctx: Ctx, personId: string, role: Role): Promise<void> {
  requireRight(ctx, "people");
  const isThem = and(eq(members.accountId, ctx.accountId), eq(members.personId, personId));
  const [before] = await ctx.db.select({ role: members.role }).from(members).where(isThem).limit(1);
  if (!before) {
    throw new AppError("not_found", "Nobody of that id belongs to the account.");
  }
  if (before.role === role) {
    return;
  }
  const guard = role === "owner" ? sql`1` : leavesAnOwner;
  const change = ctx.db
    .update(members)
    .set({ role })
    .where(and(isThem, ne(members.role, role), guard, isStillOwner(ctx)));
  const audit = auditEntry({
    accountId: ctx.accountId,
    actor: ctx.actor,
    action: "member.change",
    target: personId,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { before: { role: before.role }, after: { role } },
  });
  if (!(await commit(ctx.db, change, audit))) {
    throw lastOwner("demoted");
  }
}

export function lastOwner(what: string): AppError {
  return new AppError("invalid_state", `The last owner of an account cannot be ${what}.`, {
    hint: "Make somebody else an owner first.",
  });
}
