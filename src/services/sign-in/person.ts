import { and, eq } from "drizzle-orm";
import type { Identity } from "../../auth/oidc.ts";
import { people } from "../../db/people.ts";
import { newPersonId } from "../../ids.ts";
import { keep } from "../commit.ts";
import type { SignInCtx } from "./context.ts";

export type Person = typeof people.$inferSelect;
export type Vouched = Identity & { verifiedEmail: string };

/** The person of an identity, made at the first sign-in. However many of those there are at once, there is one. */
export async function knowPerson({ db, now }: SignInCtx, identity: Vouched): Promise<Person> {
  const known = await findPerson({ db }, identity);
  if (known) {
    return known;
  }
  const { issuer, subject, verifiedEmail: email, name } = identity;
  const row = { id: newPersonId(), issuer, subject, email, name, createdAt: now };
  await keep(db, db.insert(people).values(row).onConflictDoNothing());
  const made = await findPerson({ db }, identity);
  if (!made) {
    throw new Error("the person that was just written is not there");
  }
  return made;
}

async function findPerson(
  { db }: Pick<SignInCtx, "db">,
  { issuer, subject }: Identity,
): Promise<Person | undefined> {
  const isThem = and(eq(people.issuer, issuer), eq(people.subject, subject));
  const [row] = await db.select().from(people).where(isThem).limit(1);
  return row;
}
