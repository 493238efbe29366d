import { and, asc, desc, eq, sql } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import type { Identity } from "../../auth/oidc.ts";
import { members, sessions } from "../../db/people.ts";
import { accounts } from "../../db/schema.ts";
import { isListed } from "../../env-oidc.ts";
import { newAccountId } from "../../ids.ts";
import { commit } from "../commit.ts";
import { findInvitation } from "../members/find-invitation.ts";
import type { SignInCtx } from "./context.ts";
import { findPerson, knowPerson, type Person } from "./person.ts";

/** Why somebody whom the provider vouches for is not let in: a closed set. */
export type Refusal = "email_unverified" | "not_allowed" | "account_of_others";

export type Admission =
  | { type: "admitted"; person: Person; accountId: string }
  | { type: "refused"; refusal: Refusal };

const refuse = (refusal: Refusal): Admission => ({ type: "refused", refusal });

/**
 * Lets somebody in whom the provider has vouched for: they are known by issuer and subject. Whoever belongs to no account gets
 * one of their own, unless they come by an invitation. Each step is one transaction and finds what was done before, so a
 * sign-in that was cut off, or made twice at once, ends where it would have.
 * @param invitation the secret of the link that they follow, if they follow one.
 */
export async function admit(ctx: SignInCtx, identity: Identity, invitation?: string): Promise<Admission> {
  const { verifiedEmail } = identity;
  if (verifiedEmail === undefined) {
    return refuse("email_unverified");
  }
  const allow = ctx.config.oidc?.allow;
  if (!allow || !isListed(allow, verifiedEmail)) {
    return refuse("not_allowed");
  }
  const [known, invited, isExpected] = await Promise.all([
    findPerson(ctx, identity),
    invitation === undefined ? undefined : findInvitation(ctx, invitation),
    findEmptyAccount(ctx, verifiedEmail),
  ]);
  const host = invited?.email === verifiedEmail ? invited.accountId : undefined;
  if (allow.kind === "invited" && !known && !isExpected && host === undefined) {
    // Nothing is kept of strangers.
    return refuse("not_allowed");
  }
  const person = await knowPerson(ctx, { ...identity, verifiedEmail }, known);
  await takeOver(ctx, person, verifiedEmail);
  // Whoever was invited looks at the invitation first: their session is of an account that they do not belong to yet.
  const accountId = (await chooseAccount(ctx, person.id)) ?? host;
  if (accountId !== undefined) {
    return { type: "admitted", person, accountId };
  }
  if (allow.kind === "invited") {
    return refuse("not_allowed");
  }
  await makeAccount(ctx, person, verifiedEmail);
  await takeOver(ctx, person, verifiedEmail);
  const own = await chooseAccount(ctx, person.id);
  return own === undefined ? refuse("account_of_others") : { type: "admitted", person, accountId: own };
}

/** The account they looked at last, of those they belong to; at first the one they have belonged to longest. */
async function chooseAccount({ db }: SignInCtx, personId: string): Promise<string | undefined> {
  const isMember = and(eq(members.accountId, sessions.accountId), eq(members.personId, sessions.personId));
  const [last] = await db
    .select({ accountId: sessions.accountId })
    .from(sessions)
    .innerJoin(members, isMember)
    .where(eq(sessions.personId, personId))
    .orderBy(desc(sessions.createdAt))
    .limit(1);
  if (last) {
    return last.accountId;
  }
  const [first] = await db
    .select({ accountId: members.accountId })
    .from(members)
    .where(eq(members.personId, personId))
    .orderBy(asc(members.createdAt))
    .limit(1);
  return first?.accountId;
}

/** An account without anybody in it. Where the email has one, nothing happens. */
async function makeAccount(ctx: SignInCtx, person: Person, email: string): Promise<void> {
  const id = newAccountId();
  const audit = auditEntry({
    accountId: id,
    actor: { type: "user", id: person.id },
    action: "account.create",
    target: id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { email },
  });
  const row = { id, email, name: person.name, createdAt: ctx.now };
  await commit(ctx.db, ctx.db.insert(accounts).values(row).onConflictDoNothing(), audit);
}

/**
 * An account of their email that nobody belongs to yet becomes theirs: an operator has made it, or their first sign-in was cut
 * off. Nobody comes into an account that has people by an email alone: addresses are given to somebody else in time.
 */
async function takeOver(ctx: SignInCtx, person: Person, email: string): Promise<void> {
  const account = await findEmptyAccount(ctx, email);
  if (!account) {
    return;
  }
  const audit = auditEntry({
    accountId: account.id,
    actor: { type: "user", id: person.id },
    action: "member.join",
    target: person.id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { email, role: "owner", by: "email" },
  });
  const join = ctx.db.insert(members).select(
    sql`SELECT ${accounts.id}, ${person.id}, 'owner', ${ctx.now} FROM ${accounts}
        WHERE ${accounts.id} = ${account.id} AND ${hasNobody}`,
  );
  await commit(ctx.db, join, audit);
}

async function findEmptyAccount({ db }: SignInCtx, email: string): Promise<{ id: string } | undefined> {
  const isIt = and(eq(accounts.email, email), hasNobody);
  const [account] = await db.select({ id: accounts.id }).from(accounts).where(isIt).limit(1);
  return account;
}

const hasNobody = sql`NOT EXISTS (SELECT 1 FROM members WHERE members.account_id = accounts.id)`;
