import { and, eq, ne, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import type { Identity } from "../../auth/oidc.ts";
import { members, people } from "../../db/people.ts";
import { accounts } from "../../db/schema.ts";
import { newPersonId } from "../../ids.ts";
import { commit, keep } from "../commit.ts";
import type { SignInCtx } from "./context.ts";

export type Person = typeof people.$inferSelect;
export type Vouched = Identity & { verifiedEmail: string };

export async function findPerson(
  { db }: Pick<SignInCtx, "db">,
  { issuer, subject }: Identity,
): Promise<Person | undefined> {
  const isThem = and(eq(people.issuer, issuer), eq(people.subject, subject));
  const [row] = await db.select().from(people).where(isThem).limit(1);
  return row;
}

/** The person of an identity, made at the first sign-in. However many of those there are at once, there is one. */
export async function knowPerson(
  ctx: SignInCtx,
  identity: Vouched,
  known: Person | undefined,
): Promise<Person> {
  const { issuer, subject, verifiedEmail: email, name } = identity;
  if (!known) {
    const row = { id: newPersonId(), issuer, subject, email, name, createdAt: ctx.now };
    await keep(ctx.db, ctx.db.insert(people).values(row).onConflictDoNothing());
    const made = await findPerson(ctx, identity);
    if (!made) {
      throw new Error("the person that was just written is not there");
    }
    return made;
  }
  if (known.email === email && known.name === name) {
    return known;
  }
  if (known.email !== email) {
    // Their own account first: cut off in between, the next sign-in still sees that they have another address.
    await renameAccount(ctx, known, email);
  }
  await keep(ctx.db, ctx.db.update(people).set({ email, name }).where(eq(people.id, known.id)));
  return { ...known, email, name };
}

/**
 * The account that goes by their former address goes by the new one, by which transfers find it; whoever is given the former
 * address next finds it free.
 */
async function renameAccount(ctx: SignInCtx, person: Person, email: string): Promise<void> {
  const [own] = await ctx.db
    .select({ id: accounts.id })
    .from(accounts)
    .innerJoin(members, and(eq(members.accountId, accounts.id), eq(members.personId, person.id)))
    .where(and(eq(accounts.email, person.email), eq(members.role, "owner")))
    .limit(1);
  if (!own) {
    return;
  }
  const isFree = sql`NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.email = ${email})`;
  const rename = ctx.db
    .update(accounts)
    .set({ email })
    .where(and(eq(accounts.id, own.id), ne(accounts.email, email), isFree));
  const audit = auditEntry({
    accountId: own.id,
    actor: { type: "user", id: person.id },
    action: "account.update",
    target: own.id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { before: { email: person.email }, after: { email } },
  });
  await commit(ctx.db, rename, audit);
}
