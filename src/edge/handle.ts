import { type Env, instanceUrl, readConfig } from "../env.ts";
import { describeError, logEvent } from "../log.ts";
import { forward, upstreamOf } from "./forward.ts";
import { isBlocked, miss } from "./misses.ts";
import { LOOKUP_FAILED, NOT_FOUND, noticeFor, TOO_MANY_MISSES } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { isForwarded, type Route } from "./route.ts";
import { currentRoute, doubt, findRoute } from "./routes.ts";
import { beginTrace, traceAnswer, traceRoute, writeTrace } from "./trace.ts";
import { clientIpOf, type Visit } from "./visit.ts";
import { holdUntilSettled } from "./wake.ts";

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
  const found = await findRoute(visit);
  const route = found?.state === "starting" ? await holdUntilSettled(visit, found) : found;
  if (!route) {
    return miss(visit);
  }
  traceRoute(trace, route);
  return isForwarded(route) ? pass(visit, route) : notice(visit, route);
}

function notice({ request, trace }: Visit, route: Route): Response {
  trace.outcome = "notice";
  return noticeResponse(request, noticeFor(route));
}

/** How the vendor of tunnels says that nobody is at a tunnel's other end. */
const NO_CONNECTOR = 530;

async function pass(visit: Visit, route: Route): Promise<Response> {
  const { request, env, subdomain, clientIp, trace } = visit;
  const config = readConfig(env);
  const upstream = upstreamOf(route, config);
  if (!upstream) {
    return notice(visit, route);
  }
  const visitor = { publicUrl: new URL(instanceUrl(config, subdomain)), clientIp, ownerId: route.accountId };
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
  visit.trace.state = current?.state ?? "deleted";
  return response && current?.state === "running"
    ? response
    : noticeResponse(visit.request, current ? noticeFor(current) : NOT_FOUND);
}
