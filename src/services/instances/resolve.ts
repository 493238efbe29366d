import { and, eq, gte, isNull, lt, or, type SQL } from "drizzle-orm";
import { instances } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { Ctx } from "../context.ts";

const CANDIDATES = 6;

/**
 * The instance that a person means by an id, a subdomain, or an unambiguous prefix of either, in that order.
 * @throws not_found when there is none in this account; ambiguous, with the candidates, when there are several.
 */
export async function resolveInstance(ctx: Ctx, name: string): Promise<InstanceRow> {
  const found = await findInstance(ctx, name);
  if (!found) {
    throw notFound(name);
  }
  return found;
}

/** The same, and by its whole id also one that was deleted: deleting it again has the same answer. */
export async function resolveInstanceForDelete(ctx: Ctx, name: string): Promise<InstanceRow> {
  const found = await findInstance(ctx, name);
  if (found) {
    return found;
  }
  const [gone] = isName(name) ? await select(ctx, eq(instances.id, name), 1, true) : [];
  if (!gone) {
    throw notFound(name);
  }
  return gone;
}

async function findInstance(ctx: Ctx, name: string): Promise<InstanceRow | undefined> {
  if (!isName(name)) {
    return undefined;
  }
  const exact = await select(ctx, or(eq(instances.id, name), eq(instances.subdomain, name)), 2);
  if (exact.length > 0) {
    return exact.find((row) => row.id === name) ?? exact[0];
  }
  return (await byPrefix(ctx, instances.id, name)) ?? (await byPrefix(ctx, instances.subdomain, name));
}

async function byPrefix(
  ctx: Ctx,
  column: typeof instances.id | typeof instances.subdomain,
  prefix: string,
): Promise<InstanceRow | undefined> {
  // A range instead of LIKE, so that the index serves it; "{" sorts right after every character of a name.
  const hits = await select(ctx, and(gte(column, prefix), lt(column, `${prefix}{`)), CANDIDATES);
  if (hits.length > 1) {
    const more = hits.length === CANDIDATES ? " or more" : "";
    throw new AppError("ambiguous", `"${prefix}" matches ${hits.length}${more} instances.`, {
      hint: "Use more of the id, or the whole subdomain.",
      details: hits.map(({ id, subdomain, name }) => ({ id, subdomain, name })),
    });
  }
  return hits[0];
}

function select(ctx: Ctx, where: SQL | undefined, limit: number, deletedToo = false): Promise<InstanceRow[]> {
  const alive = deletedToo ? undefined : isNull(instances.deletedAt);
  return ctx.db
    .select()
    .from(instances)
    .where(and(eq(instances.accountId, ctx.accountId), where, alive))
    .limit(limit);
}

function isName(text: string): boolean {
  return /^[a-z0-9-]{1,63}$/.test(text);
}

/** What the object says counts: the records may still show an instance to the account that handed it over. */
export function ownRow<T extends InstanceRow>(ctx: Pick<Ctx, "accountId">, name: string, row: T): T {
  if (row.accountId !== ctx.accountId) {
    throw notFound(name);
  }
  return row;
}

/** Bodies have no address, and stay where their account's others are. @throws invalid_state */
export function requirePublic({ exposure, state }: InstanceRow, refusal: string): void {
  if (exposure === "private") {
    throw new AppError("invalid_state", `This is a workspace's body: ${refusal}.`, {
      hint: "A body is made, and made anew, by its workspace: gentity run <workspace> -- <command>",
      details: [{ status: state }],
    });
  }
}

export function notFound(name: string): AppError {
  return new AppError("not_found", `There is no instance "${name.slice(0, 64)}".`, {
    hint: "List yours with: gentity compute list",
  });
}
