import { type Env, readConfig } from "../env.ts";
import { describeError, logEvent } from "../log.ts";
import { refuseOrLetIn } from "./access.ts";
import { reportActivity } from "./activity.ts";
import { VoucherCache, type Vouchers } from "./assertion.ts";
import { forward, type Passing } from "./forward.ts";
import { isBlocked, miss } from "./misses.ts";
import { CANNOT_WAKE, LOOKUP_FAILED, NOT_FOUND, noticeFor, TOO_MANY_MISSES } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { isForwarded, type Route } from "./route.ts";
import { currentRoute, doubt, findRoute, freshRoute } from "./routes.ts";
import { beginTrace, traceAnswer, traceRoute, writeTrace } from "./trace.ts";
import { clientIpOf, type Visit } from "./visit.ts";
import { type Awoken, awaken, awakenBehind, isAsleep } from "./wake.ts";
import { type Way, wayTo } from "./way.ts";

/** The data path: whose is it, may it pass, forward. */
export async function handleEdge(
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  subdomain: string,
): Promise<Response> {
  const trace = beginTrace(request);
  try {
    const response = await answer({ request, env, ctx, subdomain, clientIp: clientIpOf(request), trace });
    traceAnswer(trace, request, response);
    return response;
  } catch (error) {
    // Not under which name: that is a credential.
    logEvent("edge.failed", { level: "error", instanceId: trace.instanceId, cause: describeError(error) });
    const response = noticeResponse(request, LOOKUP_FAILED);
    traceAnswer(trace, request, response);
    return response;
  } finally {
    writeTrace(env, trace);
  }
}

/** Nothing on the way of a fresh route waits for anything but its agent. */
async function answer(visit: Visit): Promise<Response> {
  const { request, trace } = visit;
  if (isBlocked(visit)) {
    trace.outcome = "blocked";
    return noticeResponse(request, TOO_MANY_MISSES);
  }
  const route = freshRoute(visit) ?? (await findRoute(visit));
  if (!route) {
    return miss(visit);
  }
  traceRoute(trace, route);
  if (route.access !== "link") {
    const refusal = await refuseOrLetIn(visit, route);
    if (refusal) {
      return refusal;
    }
  }
  return isAsleep(route) ? serveAwoken(visit, await awaken(visit, route)) : serve(visit, route);
}

function serveAwoken(visit: Visit, awoken: Awoken): Promise<Response> | Response {
  if (!awoken) {
    return miss(visit);
  }
  return awoken.isRefused ? notice(visit, awoken.route, CANNOT_WAKE) : serve(visit, awoken.route);
}

function serve(visit: Visit, route: Route): Promise<Response> | Response {
  traceRoute(visit.trace, route);
  return isForwarded(route) ? pass(visit, route) : notice(visit, route);
}

function notice({ request, trace }: Visit, route: Route, said = noticeFor(route)): Response {
  traceRoute(trace, route);
  trace.outcome = "notice";
  return noticeResponse(request, said);
}

/** As many as there are known routes. */
const vouched = new VoucherCache(10_000);

/** How the vendor of tunnels says that nobody is at a tunnel's other end. */
const NO_CONNECTOR = 530;
/** What a vendor answers where the machine is not; an agent may mean it, too. */
const REFUSALS = [404, 502, 503, NO_CONNECTOR];

async function pass(visit: Visit, route: Route): Promise<Response> {
  const { subdomain, env, clientIp, trace } = visit;
  route.way ??= wayTo(route, subdomain, readConfig(env));
  const { way } = route;
  if (!way) {
    return notice(visit, route);
  }
  if (route.idles) {
    reportActivity(visit, route);
  }
  const known = vouch(visit, route, way);
  // Almost always at hand; waited for only by the first request of a route.
  const vouchers = known instanceof Promise ? await known : known;
  const response = await answerOf(visit.request, { way, clientIp, vouchers });
  const status = response?.status ?? 0;
  if (response && !REFUSALS.includes(status)) {
    trace.outcome = "forwarded";
    return response;
  }
  doubt(visit, route);
  if (response && status === 404) {
    trace.outcome = "forwarded";
    return response;
  }
  trace.outcome = "refused";
  // The vendor's own words about tunnels are nothing to a visitor.
  return afterRefusal(visit, route, status === NO_CONNECTOR ? undefined : response);
}

function vouch({ env, ctx }: Visit, route: Route, { publicOrigin }: Way): Vouchers | Promise<Vouchers> {
  return vouched.of(route, publicOrigin, {
    config: readConfig(env),
    now: Date.now,
    background: (work) => ctx.waitUntil(work),
  });
}

/** Undefined when nothing answered. */
async function answerOf(request: Request, passing: Passing): Promise<Response | undefined> {
  try {
    return await forward(request, passing);
  } catch {
    return undefined;
  }
}

/** The route says running and the origin refuses: the object knows better. Where it does run, the refusal passes. */
async function afterRefusal(visit: Visit, route: Route, response: Response | undefined): Promise<Response> {
  const current = await currentRoute(visit, route);
  if (current && isAsleep(current) && !visit.wasWoken) {
    // It fell asleep behind a route that was still remembered.
    visit.wasWoken = true;
    const canBeTriedAgain = visit.request.body === null;
    return serveAwoken(visit, canBeTriedAgain ? await awaken(visit, current) : awakenBehind(visit, current));
  }
  visit.trace.state = current?.state ?? "deleted";
  return response && current?.state === "running"
    ? response
    : noticeResponse(visit.request, current ? noticeFor(current) : NOT_FOUND);
}
