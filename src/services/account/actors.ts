import { and, eq, exists, inArray, or } from "drizzle-orm";
import { members, people, sessions } from "../../db/people.ts";
import { tokens } from "../../db/schema.ts";
import type { Ctx } from "../context.ts";

/** Who an actor of the records is to a reader. */
export interface ActorName {
  kind: "user" | "token" | "system" | "host" | "operator" | "edge";
  /** A person's e-mail, a token's name, or what it is called. */
  name: string;
}

/** D1 takes 100 parameters a statement; a page has fewer actors than that. */
const MAX_LOOKUP = 90;

/**
 * Names for the actors of one page, by `type:id` as the records have them; one round trip, two rows an actor by their keys.
 * Tokens of this account, also revoked ones, and people who are or were members of it. Anybody else is somebody of another
 * account (who received an instance, say), and is not named here.
 */
export async function nameActors(ctx: Ctx, actors: Iterable<string>): Promise<Map<string, ActorName>> {
  const all = [...new Set(actors)];
  const idsOf = (type: string) =>
    all
      .filter((actor) => actor.startsWith(`${type}:`))
      .map((actor) => actor.slice(type.length + 1))
      .slice(0, MAX_LOOKUP);
  const [tokenIds, personIds] = [idsOf("token"), idsOf("user")];
  const [foundTokens, foundPeople] =
    tokenIds.length + personIds.length === 0
      ? [[], []]
      : await ctx.db.batch([
          ctx.db
            .select({ id: tokens.id, name: tokens.name })
            .from(tokens)
            .where(and(inArray(tokens.id, tokenIds), eq(tokens.accountId, ctx.accountId))),
          ctx.db
            .select({ id: people.id, name: people.email })
            .from(people)
            .where(and(inArray(people.id, personIds), or(isMember(ctx), wasMember(ctx)))),
        ]);
  const names = new Map<string, string>([
    ...foundTokens.map(({ id, name }) => [`token:${id}`, name] as const),
    ...foundPeople.map(({ id, name }) => [`user:${id}`, name] as const),
  ]);
  return new Map(all.map((actor) => [actor, toName(actor, names.get(actor))]));
}

function isMember({ db, accountId }: Ctx) {
  return exists(
    db
      .select({ id: members.personId })
      .from(members)
      .where(and(eq(members.accountId, accountId), eq(members.personId, people.id))),
  );
}

/** Whoever did anything here had a session for it; sessions stay when a member leaves. */
function wasMember({ db, accountId }: Ctx) {
  return exists(
    db
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.personId, people.id), eq(sessions.accountId, accountId))),
  );
}

function toName(actor: string, known: string | undefined): ActorName {
  const [type, id = ""] = actor.split(":", 2);
  switch (type) {
    case "user":
      return { kind: "user", name: known ?? "somebody of another account" };
    case "token":
      return { kind: "token", name: known ?? "a token of another account" };
    case "host":
      return { kind: "host", name: "the host program" };
    case "operator":
      return { kind: "operator", name: "the operator" };
    case "edge":
      return { kind: "edge", name: "a request to its URL" };
    default:
      return { kind: "system", name: `system (${id})` };
  }
}
