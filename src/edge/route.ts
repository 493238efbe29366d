import type { Access } from "../instance/record.ts";
import type { Way } from "./way.ts";

/** What the data path knows of an instance: enough to answer for it. */
export interface Route {
  instanceId: string;
  /** Whom the edge vouches for: the owner. */
  accountId: string;
  state: string;
  /** Why it is in `error`, for people. */
  problem: { message: string; hint?: string } | null;
  provider: string;
  place: string | null;
  machine: string | null;
  /** What opens it: its address alone, or more. */
  access: Access;
  /** It is put to sleep when nobody uses it, so its use is reported. */
  idles: boolean;
  /** Where it leads; prepared at the first request that goes there. */
  way?: Way;
}

type RouteRow = {
  id: string;
  account_id: string;
  state: string;
  problem: string | null;
  provider: string;
  place: string | null;
  machine: string | null;
  access: Access;
  idle_timeout_seconds: number | null;
};

/**
 * One indexed row from the nearest replica; undefined for a name that does not exist, or does no longer. The index is named, or a
 * deleted row would be found first and thrown away then.
 */
export async function lookUpRoute(db: D1Database, subdomain: string): Promise<Route | undefined> {
  const row = await db
    .withSession("first-unconstrained")
    .prepare(
      "SELECT id, account_id, state, problem, provider, place, machine, access, idle_timeout_seconds FROM instances INDEXED BY instances_routable WHERE subdomain = ?1 AND deleted_at IS NULL AND exposure = 'public'",
    )
    .bind(subdomain)
    .first<RouteRow>();
  return row
    ? {
        instanceId: row.id,
        accountId: row.account_id,
        state: row.state,
        problem: row.problem === null ? null : JSON.parse(row.problem),
        provider: row.provider,
        place: row.place,
        machine: row.machine,
        access: row.access,
        idles: typeof row.idle_timeout_seconds === "number",
      }
    : undefined;
}

/** The vendor sees traffic in these states; in the first of them alone a route is worth remembering. What falls asleep is woken. */
export function isForwarded(route: Route): boolean {
  return (route.state === "running" || route.state === "stopping") && route.machine !== null;
}
