import type { InstanceRow } from "../instance/projection.ts";
import { instanceStub } from "../instance/stub.ts";
import { Memory } from "./memory.ts";
import { patiently } from "./patience.ts";
import { lookUpRoute, type Route } from "./route.ts";
import { Throttle } from "./throttle.ts";
import type { Visit } from "./visit.ts";

/** Running ones alone, so that what was just started is never answered for from memory as stopped. */
const known = new Memory<Route>(10_000, ({ state }) => state === "running");
/** Instances whose object was asked to look at the vendor a moment ago. */
const doubted = new Throttle(5_000, 10_000);

/** What is known and fresh enough to be used without a question to anybody. */
export function freshRoute({ subdomain, trace }: Visit): Route | undefined {
  return known.fresh(subdomain, trace.startedAt);
}

/** Undefined for a name that does not exist. @throws when it is not known, and cannot be looked up. */
export function findRoute({ subdomain, env, ctx }: Visit): Promise<Route | undefined> {
  return known.find(subdomain, {
    lookUp: (name) => patiently("edge.lookup_failed", lookUpRoute(env.DB, name)),
    now: Date.now,
    background: (work) => ctx.waitUntil(work),
  });
}

/** Looked up anew by whoever comes next. */
export function forgetRoute(subdomain: string): void {
  known.doubt(subdomain);
}

/**
 * The object's own word, where the known route turned out to be wrong; the route as it was known where the object cannot be asked.
 * Under a name that it has left there is nothing.
 */
export async function currentRoute({ env, subdomain }: Visit, route: Route): Promise<Route | undefined> {
  known.doubt(subdomain);
  try {
    const current = await patiently("edge.object_failed", instanceStub(env, route.instanceId).get());
    return current?.subdomain === subdomain ? routeOf(current) : undefined;
  } catch {
    return route;
  }
}

/**
 * A refusal may be the agent's own answer, or the vendor's proxy telling that the machine is gone: the object is made to
 * look, in the background and not for every single one.
 */
export function doubt({ env, ctx, subdomain }: Visit, { instanceId }: Route): void {
  if (!doubted.isHeld(instanceId, Date.now())) {
    doubted.hold(instanceId, Date.now());
    known.doubt(subdomain);
    const work = patiently("edge.object_failed", instanceStub(env, instanceId).doubt());
    ctx.waitUntil(work.catch(() => undefined));
  }
}

export function routeOf(row: InstanceRow): Route {
  const { id, accountId, state, problem, provider, place, machine, access, idleTimeoutSeconds } = row;
  const idles = idleTimeoutSeconds !== null;
  return { instanceId: id, accountId, state, problem, provider, place, machine, access, idles };
}
