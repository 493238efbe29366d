import { type Env, instanceUrl, readConfig } from "../env.ts";
import type { InstanceRow } from "../instance/projection.ts";
import { instanceStub } from "../instance/stub.ts";
import { describeError, logEvent } from "../log.ts";
import { forward, upstreamOf } from "./forward.ts";
import { LOOKUP_FAILED, NOT_FOUND, noticeFor, TOO_MANY_MISSES } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { isForwarded, lookUpRoute, type Route } from "./route.ts";
import { RouteCache } from "./route-cache.ts";
import { Throttle } from "./throttle.ts";

const routes = new RouteCache(10_000);
/** Clients over the limit of misses: they are answered without a look-up. */
const blocked = new Throttle(60_000, 10_000);
/** Instances whose object was asked to look at the vendor a moment ago. */
const doubted = new Throttle(5_000, 10_000);
/**
 * Without Cloudflare in front nobody tells the visitor's address. Agents take loopback for a proxy that hides its client and
 * refuse it, so an address reserved for documentation stands for "somebody on this computer".
 */
const LOCAL_VISITOR = "192.0.2.1";
/** A request to a starting instance is held this long, in milliseconds. */
const HOLD_MS = 30_000;

/** What one request came to; written once, as one analytics row. */
interface Trace {
  subdomain: string;
  instanceId: string;
  outcome: "forwarded" | "notice" | "missed" | "blocked" | "refused" | "failed";
  state: string;
  status: number;
  startedAt: number;
}

/** The data path: whose is it, may it pass, forward. */
export async function handleEdge(
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  subdomain: string,
): Promise<Response> {
  const trace: Trace = {
    subdomain,
    instanceId: "",
    outcome: "failed",
    state: "",
    status: 500,
    startedAt: Date.now(),
  };
  try {
    const response = await answer(request, env, ctx, trace);
    trace.status = response.status;
    return response;
  } catch (error) {
    logEvent("edge.failed", { level: "error", subdomain, cause: describeError(error) });
    return noticeResponse(request, LOOKUP_FAILED);
  } finally {
    writeTrace(env, trace);
  }
}

async function answer(request: Request, env: Env, ctx: ExecutionContext, trace: Trace): Promise<Response> {
  const clientIp = request.headers.get("CF-Connecting-IP") ?? LOCAL_VISITOR;
  if (blocked.isHeld(clientIp, Date.now())) {
    trace.outcome = "blocked";
    return noticeResponse(request, TOO_MANY_MISSES);
  }
  const found = await routes.find(trace.subdomain, {
    lookUp: (name) => lookUpRoute(env.DB, name),
    now: Date.now,
    background: (work) => ctx.waitUntil(work),
  });
  if (!found) {
    return miss(request, env, clientIp, trace);
  }
  const route = found.state === "starting" ? await holdUntilSettled(env, found, trace.subdomain) : found;
  if (!route) {
    return miss(request, env, clientIp, trace);
  }
  trace.instanceId = route.instanceId;
  trace.state = route.state;
  return isForwarded(route)
    ? pass(request, env, ctx, { route, clientIp, trace })
    : notice(request, route, trace);
}

function notice(request: Request, route: Route, trace: Trace): Response {
  trace.outcome = "notice";
  return noticeResponse(request, noticeFor(route));
}

/** Counted per client, so that addresses cannot be guessed fast. */
async function miss(request: Request, env: Env, clientIp: string, trace: Trace): Promise<Response> {
  trace.outcome = "missed";
  const { success } = await env.MISS_LIMIT.limit({ key: clientIp });
  if (!success) {
    blocked.hold(clientIp, Date.now());
  }
  return noticeResponse(request, NOT_FOUND);
}

/** How the vendor of tunnels says that nobody is at a tunnel's other end. */
const NO_CONNECTOR = 530;

async function pass(
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  { route, clientIp, trace }: { route: Route; clientIp: string; trace: Trace },
): Promise<Response> {
  const config = readConfig(env);
  const upstream = upstreamOf(route, config);
  if (!upstream) {
    return notice(request, route, trace);
  }
  const visitor = {
    publicUrl: new URL(instanceUrl(config, trace.subdomain)),
    clientIp,
    ownerId: route.accountId,
  };
  const response = await forward(request, upstream, visitor).catch(() => undefined);
  if (response && ![404, 502, 503, NO_CONNECTOR].includes(response.status)) {
    trace.outcome = "forwarded";
    return response;
  }
  doubt(env, ctx, route, trace.subdomain);
  if (response?.status === 404) {
    trace.outcome = "forwarded";
    return response;
  }
  trace.outcome = "refused";
  // The vendor's own words about tunnels are nothing to a visitor.
  const agents = response?.status === NO_CONNECTOR ? undefined : response;
  return afterRefusal(request, env, { route, trace, response: agents });
}

/**
 * A refusal may be the agent's own answer, or the vendor's proxy telling that the machine is gone: the object is made to
 * look, in the background and not for every single one.
 */
function doubt(env: Env, ctx: ExecutionContext, route: Route, subdomain: string): void {
  if (!doubted.isHeld(route.instanceId, Date.now())) {
    doubted.hold(route.instanceId, Date.now());
    routes.forget(subdomain);
    ctx.waitUntil(instanceStub(env, route.instanceId).doubt());
  }
}

/** The route says running and the origin refuses: the object knows better. Where it does run, the refusal passes. */
async function afterRefusal(
  request: Request,
  env: Env,
  { route, trace, response }: { route: Route; trace: Trace; response: Response | undefined },
): Promise<Response> {
  routes.forget(trace.subdomain);
  const current = await instanceStub(env, route.instanceId).get();
  trace.state = current?.state ?? "deleted";
  if (response && current?.state === "running") {
    return response;
  }
  // Under a name that it has left there is nothing.
  const isHere = current?.subdomain === trace.subdomain;
  return noticeResponse(request, current && isHere ? noticeFor(toRoute(current)) : NOT_FOUND);
}

async function holdUntilSettled(env: Env, route: Route, subdomain: string): Promise<Route | undefined> {
  const settled = await instanceStub(env, route.instanceId).settled(HOLD_MS);
  if (settled && settled.subdomain !== subdomain) {
    return undefined;
  }
  return settled ? toRoute(settled) : route;
}

function toRoute(row: InstanceRow): Route {
  const { id, accountId, state, problem, provider, place, machine } = row;
  return { instanceId: id, accountId, state, problem, provider, place, machine };
}

function writeTrace(env: Env, trace: Trace): void {
  env.EDGE_EVENTS.writeDataPoint({
    // index1: the instance, so that one instance's traffic can be sampled fairly
    indexes: [trace.instanceId || trace.subdomain],
    // blob1: what became of it, blob2: the instance's state
    blobs: [trace.outcome, trace.state],
    // double1: the status that was answered, double2: milliseconds until the answer began
    doubles: [trace.status, Date.now() - trace.startedAt],
  });
}
