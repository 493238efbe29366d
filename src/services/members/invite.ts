import { and, eq, isNull, ne, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { hashToken } from "../../auth/tokens.ts";
import { invitations, type Role } from "../../db/people.ts";
import { isListed } from "../../env-oidc.ts";
import { AppError } from "../../errors.ts";
import { newInvitationId, newInvitationSecret } from "../../ids.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import { requireRight } from "../require-right.ts";
import { isStillOwner } from "./guards.ts";

const OPEN_MS = 7 * 24 * 3600 * 1000;
/** Open ones of an account at a time. */
const MAX_OPEN = 100;

/**
 * Invites whoever has this email. The secret of the link is in this answer and nowhere else, ever. An earlier invitation of the
 * same email is withdrawn by it: there is one link that works.
 * @throws invalid_request, forbidden, quota_exceeded
 */
export async function invite(
  ctx: Ctx,
  input: { email: string; role: Role },
): Promise<{ id: string; secret: string; expiresAt: number }> {
  requireRight(ctx, "people");
  const email = input.email.trim().toLowerCase();
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new AppError("invalid_request", "That is no email address.");
  }
  if (ctx.config.oidc && !isListed(ctx.config.oidc.allow, email)) {
    throw new AppError("invalid_request", "This deployment does not let that address in.", {
      hint: "Its operator names the emails and domains that may sign in (OIDC_ALLOW).",
    });
  }
  const secret = newInvitationSecret();
  const id = newInvitationId();
  const hash = await hashToken(secret);
  const expiresAt = ctx.now + OPEN_MS;
  const insert = ctx.db.insert(invitations).select(
    sql`SELECT ${id}, ${ctx.accountId}, ${email}, ${input.role}, ${hash}, ${ctx.now}, ${expiresAt}, NULL, NULL, ${ctx.personId}
        WHERE ${isStillOwner(ctx)}
          AND NOT EXISTS (SELECT 1 FROM members JOIN people ON people.id = members.person_id
                          WHERE members.account_id = ${ctx.accountId} AND people.email = ${email})
          AND (SELECT count(*) FROM invitations WHERE account_id = ${ctx.accountId} AND ended_at IS NULL
               AND expires_at > ${ctx.now}) < ${MAX_OPEN}`,
  );
  const withdrawEarlier = ctx.db
    .update(invitations)
    .set({ endedAt: ctx.now })
    .where(
      and(
        eq(invitations.accountId, ctx.accountId),
        eq(invitations.email, email),
        ne(invitations.id, id),
        isNull(invitations.endedAt),
        sql`EXISTS (SELECT 1 FROM invitations AS made WHERE made.id = ${id})`,
      ),
    );
  const audit = auditEntry({
    accountId: ctx.accountId,
    actor: ctx.actor,
    action: "invitation.create",
    target: id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { email, role: input.role, expiresAt: new Date(expiresAt).toISOString() },
  });
  if (!(await commit(ctx.db, insert, audit, [withdrawEarlier]))) {
    throw new AppError("invalid_request", "They belong to the account already, or too many are invited.", {
      hint: `At most ${MAX_OPEN} invitations are open at a time; withdraw those that nobody needs.`,
    });
  }
  return { id, secret, expiresAt };
}
