import { type Env, instanceUrl, readConfig } from "../env.ts";
import { describeError, logEvent } from "../log.ts";
import { refuseOrLetIn } from "./access.ts";
import { reportActivity } from "./activity.ts";
import { VoucherCache } from "./assertion.ts";
import { forward, upstreamOf } from "./forward.ts";
import { isBlocked, miss } from "./misses.ts";
import { CANNOT_WAKE, LOOKUP_FAILED, NOT_FOUND, noticeFor, TOO_MANY_MISSES } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { isForwarded, type Route } from "./route.ts";
import { currentRoute, doubt, findRoute } from "./routes.ts";
import { beginTrace, traceAnswer, traceRoute, writeTrace } from "./trace.ts";
import { clientIpOf, type Visit } from "./visit.ts";
import { type Awoken, awaken, awakenBehind, isAsleep } from "./wake.ts";

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
    logEvent("edge.failed", { level: "error", subdomain, cause: describeError(error) });
    const response = noticeResponse(request, LOOKUP_FAILED);
    traceAnswer(trace, request, response);
    return response;
  } finally {
    writeTrace(env, trace);
  }
}

async function answer(visit: Visit): Promise<Response> {
  const { request, trace } = visit;
  if (isBlocked(visit)) {
    trace.outcome = "blocked";
    return noticeResponse(request, TOO_MANY_MISSES);
  }
  const route = await findRoute(visit);
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

async function pass(visit: Visit, route: Route): Promise<Response> {
  const { request, env, ctx, subdomain, clientIp, trace } = visit;
  const config = readConfig(env);
  const upstream = upstreamOf(route, config);
  if (!upstream) {
    return notice(visit, route);
  }
  if (route.idles) {
    reportActivity(visit, route);
  }
  const publicUrl = new URL(instanceUrl(config, subdomain));
  const known = vouched.of(route, publicUrl.origin, {
    config,
    now: Date.now,
    background: (work) => ctx.waitUntil(work),
  });
  // Almost always at hand; waited for only by the first request of a route.
  const vouchers = known instanceof Promise ? await known : known;
  const visitor = { publicUrl, clientIp, ownerId: route.accountId, vouchers };
  const response = await forward(request, upstream, visitor).catch(() => undefined);
  if (response && ![404, 502, 503, NO_CONNECTOR].includes(response.status)) {
    trace.outcome = "forwarded";
    return response;
  }
  doubt(visit, route);
  if (response?.status === 404) {
    trace.outcome = "forwarded";
    return response;
  }
  trace.outcome = "refused";
  // The vendor's own words about tunnels are nothing to a visitor.
  return afterRefusal(visit, route, response?.status === NO_CONNECTOR ? undefined : response);
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
