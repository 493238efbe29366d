import type { InstanceRow } from "../instance/projection.ts";
import { describeError, logEvent } from "../log.ts";
import type { Route } from "./route.ts";
import { forgetRoute, routeOf } from "./routes.ts";
import { Throttle } from "./throttle.ts";
import type { Visit } from "./visit.ts";

/** A program is held until the instance runs, for so many milliseconds at most. */
const HOLD_MS = 30_000;
/** Nobody likes to look at an empty window: a browser gets a page after this, which asks again by itself. */
const NAVIGATION_HOLD_MS = 1_500;
/** Whoever may not be woken is not asked for again within this; each time costs the owner's limits a look-up. */
const REFUSED_MS = 5_000;

export interface WakeCall {
  instanceId: string;
  /** The name that it was asked for under; under another one it is not woken. */
  subdomain: string;
  withinMs: number;
}

export type WakeAnswer =
  | { type: "settled"; row: InstanceRow }
  /** Its owner's limits do not allow it; why is the owner's business. */
  | { type: "refused" }
  | { type: "gone" };

/** The Worker's own entrypoint that wakes. */
export interface Waker {
  wake(call: WakeCall): Promise<WakeAnswer>;
}

/** What a visitor of an instance that sleeps, or is on its way, is told by. `undefined`: the name is nobody's any more. */
export type Awoken = { route: Route; isRefused: boolean } | undefined;

const refused = new Throttle(REFUSED_MS, 10_000);

/** A wake that is under way in this isolate. Only its first visitor asks for it; what came of it is data, for all of them. */
interface Waking {
  /** Beyond this whoever began it is taken for dead. */
  until: number;
  answer?: WakeAnswer | undefined;
  isOver: boolean;
}

const underWay = new Map<string, Waking>();
/** How often those who wait for somebody else's wake look: the runtime lets no request wait for another's promise. */
const LOOK_MS = 25;

/** On its way to run, or brought there by whoever asks for it. */
export function isAsleep({ state }: Route): boolean {
  return state === "starting" || state === "suspending" || state === "suspended";
}

/**
 * Holds the request while the instance is woken. What takes longer goes on without it, and whoever asks again finds it
 * further on.
 */
export async function awaken(visit: Visit, route: Route): Promise<Awoken> {
  if (refused.isHeld(route.instanceId, Date.now())) {
    return { route, isRefused: true };
  }
  const waking = wake(visit, route);
  // A browser that was answered with a page has gone; what it began goes on.
  visit.ctx.waitUntil(waking);
  return isNavigation(visit.request)
    ? Promise.race([waking, after(NAVIGATION_HOLD_MS, onItsWay(route))])
    : waking;
}

/** The same where nobody can be held: the request was tried already, and its body is spent. */
export function awakenBehind(visit: Visit, route: Route): Awoken {
  if (refused.isHeld(route.instanceId, Date.now())) {
    return { route, isRefused: true };
  }
  visit.ctx.waitUntil(wake(visit, route));
  return onItsWay(route);
}

async function wake(visit: Visit, route: Route): Promise<Awoken> {
  const { subdomain } = visit;
  const { instanceId } = route;
  const known = underWay.get(subdomain);
  const answer = known && known.until > Date.now() ? await join(known) : await lead(visit, route);
  forgetRoute(subdomain);
  switch (answer?.type) {
    case "settled":
      return { route: routeOf(answer.row), isRefused: false };
    case "refused":
      refused.hold(instanceId, Date.now());
      return { route, isRefused: true };
    case "gone":
      return undefined;
    default:
      return onItsWay(route);
  }
}

async function lead({ ctx, subdomain }: Visit, { instanceId }: Route): Promise<WakeAnswer | undefined> {
  const waking: Waking = { until: Date.now() + HOLD_MS, isOver: false };
  underWay.set(subdomain, waking);
  try {
    waking.answer = await wakerOf(ctx).wake({ instanceId, subdomain, withinMs: HOLD_MS });
  } catch (error) {
    logEvent("wake.failed", { level: "error", instanceId, cause: describeError(error) });
  } finally {
    waking.isOver = true;
    if (underWay.get(subdomain) === waking) {
      underWay.delete(subdomain);
    }
  }
  return waking.answer;
}

async function join(waking: Waking): Promise<WakeAnswer | undefined> {
  while (!waking.isOver && Date.now() < waking.until) {
    await after(LOOK_MS, undefined);
  }
  return waking.answer;
}

function onItsWay(route: Route): Awoken {
  return { route: { ...route, state: "starting" }, isRefused: false };
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms));
}

function isNavigation({ method, headers }: Request): boolean {
  return method === "GET" && (headers.get("Accept")?.includes("text/html") ?? false);
}

/** The runtime makes an entrypoint of every class that the main module exports; its types do not know ours. */
function wakerOf({ exports }: ExecutionContext): Waker {
  return (exports as unknown as { WakeEntrypoint: Waker }).WakeEntrypoint;
}
