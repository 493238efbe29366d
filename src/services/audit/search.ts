import { and, desc, eq, gte, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import { members, people } from "../../db/people.ts";
import { auditEvents, instances, tokens } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { type ActorName, nameActors } from "../account/actors.ts";
import type { Ctx } from "../context.ts";
import { resolveForUsage } from "../usage/read.ts";
import type { AuditEventRow } from "./list.ts";

/** Events that one page looks at where a filter lets few through: then it says how far it has looked. */
const SCAN = 2_000;
/** Tokens of one name, or people of one address: more are not told apart. */
const SAME_NAME = 20;

/** What to look for; what is absent is not asked about. */
export interface EventFilter {
  /** One action (`instance.stop`), or all of a kind (`instance`). */
  action?: string;
  /** A member's e-mail, a token's name, a kind (`system`), or exactly `type:id`. */
  actor?: string;
  /** As commands name it; also one that is deleted or handed on, by its whole id. */
  instance?: string;
  /** Half-open, in epoch milliseconds. */
  from?: number;
  until?: number;
}

export interface FoundEvents {
  events: AuditEventRow[];
  actors: Map<string, ActorName>;
  instances: Map<string, string>;
  /** Where older ones begin; null: there are none. */
  nextCursor: string | null;
  /** Not all of the page's room was filled: only what is newer than this moment was looked through. */
  searchedTo: number | null;
}

type Place = Pick<AuditEventRow, "at" | "position">;

/**
 * The account's events that match, the newest first, with the names of who and what is in them. Looks at `SCAN` events at most
 * however few of them match, and by index: by time, or by the instance where one is asked for.
 * @throws not_found for an instance that is not this account's.
 */
export async function searchEvents(
  ctx: Ctx,
  filter: EventFilter,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<FoundEvents> {
  const scan = await scanOf(ctx, filter, cursor);
  const condition = and(ofAction(filter.action), await ofActor(ctx, filter.actor));
  const rows = await match(ctx, scan, condition, limit + 1);
  const events = rows.slice(0, limit);
  const last = events.at(-1);
  const end = rows.length > limit || !condition ? undefined : await endOf(ctx, scan);
  const next = rows.length > limit ? last : end;
  const [actors, names] = await Promise.all([
    nameActors(
      ctx,
      events.map(({ actor }) => actor),
    ),
    nameInstances(ctx, events),
  ]);
  return {
    events,
    actors,
    instances: names,
    nextCursor: next ? `${next.at}_${next.position}` : null,
    searchedTo: end?.at ?? null,
  };
}

interface Scan {
  where: SQL | undefined;
  order: SQL[];
}

async function scanOf(ctx: Ctx, filter: EventFilter, cursor: string | undefined): Promise<Scan> {
  const instance = filter.instance === undefined ? undefined : await resolveForUsage(ctx, filter.instance);
  const place = cursor === undefined ? undefined : toPlace(cursor);
  const { at, position, accountId, instanceId } = auditEvents;
  const range = and(
    eq(accountId, ctx.accountId),
    filter.from === undefined ? undefined : gte(at, filter.from),
    filter.until === undefined ? undefined : lt(at, filter.until),
  );
  if (instance !== undefined) {
    const before = place && lt(position, place.position);
    return { where: and(eq(instanceId, instance), range, before), order: [desc(position)] };
  }
  const before = place && sql`(${at}, ${position}) < (${place.at}, ${place.position})`;
  return { where: and(range, before), order: [desc(at), desc(position)] };
}

function match({ db }: Ctx, scan: Scan, condition: SQL | undefined, limit: number): Promise<AuditEventRow[]> {
  const all = db
    .select()
    .from(auditEvents)
    .where(scan.where)
    .orderBy(...scan.order);
  if (!condition) {
    return all.limit(limit);
  }
  const places = db
    .select({ position: auditEvents.position })
    .from(auditEvents)
    .where(scan.where)
    .orderBy(...scan.order)
    .limit(SCAN);
  return db
    .select()
    .from(auditEvents)
    .where(and(inArray(auditEvents.position, places), condition))
    .orderBy(...scan.order)
    .limit(limit);
}

/** The last event that was looked at, where there may be more behind it. */
async function endOf({ db }: Ctx, { where, order }: Scan): Promise<Place | undefined> {
  const { at, position } = auditEvents;
  const [end] = await db
    .select({ at, position })
    .from(auditEvents)
    .where(where)
    .orderBy(...order)
    .limit(1)
    .offset(SCAN - 1);
  return end;
}

function toPlace(cursor: string): Place {
  const [at, position] = cursor.split("_").map(Number);
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(position)) {
    throw new AppError("invalid_request", "The cursor is not one of ours.", {
      hint: "Begin with the newest.",
    });
  }
  return { at: at ?? 0, position: position ?? 0 };
}

function ofAction(action: string | undefined): SQL | undefined {
  if (action === undefined) {
    return undefined;
  }
  const kind = `${action.replace(/\.$/, "")}.`;
  return or(eq(auditEvents.action, action), sql`substr(${auditEvents.action}, 1, ${kind.length}) = ${kind}`);
}

async function ofActor(ctx: Ctx, actor: string | undefined): Promise<SQL | undefined> {
  if (actor === undefined) {
    return undefined;
  }
  if (/^[a-z]+:[a-z0-9_-]+$/.test(actor)) {
    return eq(auditEvents.actor, actor);
  }
  const [named, known] = await ctx.db.batch([
    ctx.db
      .select({ id: tokens.id })
      .from(tokens)
      .where(and(eq(tokens.accountId, ctx.accountId), eq(tokens.name, actor)))
      .limit(SAME_NAME),
    ctx.db
      .select({ id: people.id })
      .from(members)
      .innerJoin(people, eq(people.id, members.personId))
      .where(and(eq(members.accountId, ctx.accountId), sql`lower(${people.email}) = ${actor.toLowerCase()}`))
      .limit(SAME_NAME),
  ]);
  const actors = [...named.map(({ id }) => `token:${id}`), ...known.map(({ id }) => `user:${id}`)];
  const kind = `${actor}:`;
  return or(
    inArray(auditEvents.actor, actors),
    sql`substr(${auditEvents.actor}, 1, ${kind.length}) = ${kind}`,
  );
}

/** Names of the instances in these events that are still this account's, also deleted ones. */
async function nameInstances(ctx: Ctx, events: readonly AuditEventRow[]): Promise<Map<string, string>> {
  const ids = [...new Set(events.flatMap(({ instanceId }) => instanceId ?? []))].slice(0, 90);
  const rows =
    ids.length === 0
      ? []
      : await ctx.db
          .select({ id: instances.id, name: instances.name })
          .from(instances)
          .where(and(inArray(instances.id, ids), eq(instances.accountId, ctx.accountId)));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
