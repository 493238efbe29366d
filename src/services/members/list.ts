import { and, asc, desc, eq, gt, isNull } from "drizzle-orm";
import { invitations, members, people, type Role } from "../../db/people.ts";
import type { Ctx } from "../context.ts";

export interface Member {
  personId: string;
  email: string;
  name: string | null;
  role: Role;
  joinedAt: number;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  createdAt: number;
  expiresAt: number;
}

/** More than this are not shown. */
const MAX = 200;

/** Who belongs to this account, the longest first. */
export function listMembers({ db, accountId }: Pick<Ctx, "db" | "accountId">): Promise<Member[]> {
  return db
    .select({
      personId: people.id,
      email: people.email,
      name: people.name,
      role: members.role,
      joinedAt: members.createdAt,
    })
    .from(members)
    .innerJoin(people, eq(people.id, members.personId))
    .where(eq(members.accountId, accountId))
    .orderBy(asc(members.createdAt), asc(people.id))
    .limit(MAX);
}

/** Who is invited and has not answered yet, the latest first. */
export function listInvitations({
  db,
  accountId,
  now,
}: Pick<Ctx, "db" | "accountId" | "now">): Promise<Invitation[]> {
  const { id, email, role, createdAt, expiresAt } = invitations;
  return db
    .select({ id, email, role, createdAt, expiresAt })
    .from(invitations)
    .where(and(eq(invitations.accountId, accountId), isNull(invitations.endedAt), gt(expiresAt, now)))
    .orderBy(desc(createdAt))
    .limit(MAX);
}
