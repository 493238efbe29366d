import { sql } from "drizzle-orm";
import type { Ctx } from "../context.ts";

/**
 * Read in the very statement that changes something, so that two who act at once cannot leave an account without an owner, and
 * nobody acts by a role that was taken from them a moment ago.
 */
export function isStillOwner({ accountId, personId }: Pick<Ctx, "accountId" | "personId">) {
  return personId === null
    ? sql`1`
    : sql`EXISTS (SELECT 1 FROM members AS self
          WHERE self.account_id = ${accountId} AND self.person_id = ${personId} AND self.role = 'owner')`;
}

/** Somebody else is an owner, or the row's person is none. */
export const leavesAnOwner = sql`(members.role <> 'owner' OR EXISTS (SELECT 1 FROM members AS other
  WHERE other.account_id = members.account_id AND other.person_id <> members.person_id AND other.role = 'owner'))`;
