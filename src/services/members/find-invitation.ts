import { and, eq, gt, isNull } from "drizzle-orm";
import { hashToken } from "../../auth/tokens.ts";
import { invitations, people } from "../../db/people.ts";
import { accounts } from "../../db/schema.ts";
import { isInvitationSecretShaped } from "../../ids.ts";
import type { Ctx } from "../context.ts";

export interface OpenInvitation {
  id: string;
  email: string;
  role: "owner" | "member";
  accountId: string;
  /** As its people know the account. */
  accountName: string;
  accountEmail: string;
  /** The email of whoever invites; null where a token did. */
  invitedBy: string | null;
  expiresAt: number;
}

/** The invitation of a link; undefined where it was used, withdrawn, has expired or never was. */
export async function findInvitation(
  { db, now }: Pick<Ctx, "db" | "now">,
  secret: string,
): Promise<OpenInvitation | undefined> {
  if (!isInvitationSecretShaped(secret)) {
    return undefined;
  }
  const isOpen = and(
    eq(invitations.hash, await hashToken(secret)),
    isNull(invitations.endedAt),
    gt(invitations.expiresAt, now),
  );
  const [row] = await db
    .select({
      invitation: invitations,
      name: accounts.name,
      accountEmail: accounts.email,
      invitedBy: people.email,
    })
    .from(invitations)
    .innerJoin(accounts, eq(accounts.id, invitations.accountId))
    .leftJoin(people, eq(people.id, invitations.invitedBy))
    .where(isOpen)
    .limit(1);
  if (!row) {
    return undefined;
  }
  const { accountEmail, invitedBy } = row;
  const { id, email, role, accountId, expiresAt } = row.invitation;
  return {
    id,
    email,
    role,
    accountId,
    accountName: row.name ?? row.accountEmail,
    accountEmail,
    invitedBy,
    expiresAt,
  };
}
