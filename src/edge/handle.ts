import { type Env, readConfig } from "../env.ts";
import { describeError, logEvent } from "../log.ts";
import { forward, mayNameLocation, withPublicLocation } from "./forward.ts";
import { isBlocked, miss } from "./misses.ts";
import { LOOKUP_FAILED, NOT_FOUND, noticeFor, TOO_MANY_MISSES } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { isForwarded, type Route } from "./route.ts";
import { currentRoute, doubt, findRoute, freshRoute } from "./routes.ts";
import { beginTrace, writeTrace } from "./trace.ts";
import { clientIpOf, type Visit } from "./visit.ts";
import { holdUntilSettled } from "./wake.ts";
import { type Way, wayTo } from "./way.ts";

/** The data path: whose is it, may it pass, forward. */
export async function handleEdge(
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  subdomain: string,
): Promise<Response> {
  const trace = beginTrace(subdomain);
  try {
    const response = await answer({ request, env, ctx, subdomain, clientIp: clientIpOf(request), trace });
    trace.status = response.status;
    return response;
  } catch (error) {
    logEvent("edge.failed", { level: "error", subdomain, cause: describeError(error) });
    return noticeResponse(request, LOOKUP_FAILED);
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
  const found = freshRoute(visit) ?? (await findRoute(visit));
  const route = found?.state === "starting" ? await holdUntilSettled(visit, found) : found;
  if (!route) {
    return miss(visit);
  }
  trace.instanceId = route.instanceId;
  trace.state = route.state;
  return isForwarded(route) ? pass(visit, route) : notice(visit, route);
}

function notice({ request, trace }: Visit, route: Route): Response {
  trace.outcome = "notice";
  return noticeResponse(request, noticeFor(route));
}

/** How the vendor of tunnels says that nobody is at a tunnel's other end. */
const NO_CONNECTOR = 530;
/** What a vendor answers where the machine is not; an agent may mean it, too. */
const REFUSALS = [404, 502, 503, NO_CONNECTOR];

async function pass(visit: Visit, route: Route): Promise<Response> {
  const { request, env, subdomain, clientIp, trace } = visit;
  route.way ??= wayTo(route, subdomain, readConfig(env));
  const { way } = route;
  if (!way) {
    return notice(visit, route);
  }
  const response = await answerOf(request, way, clientIp);
  const status = response?.status ?? 0;
  if (response && !REFUSALS.includes(status)) {
    trace.outcome = "forwarded";
    return mayNameLocation(status) ? withPublicLocation(response, way) : response;
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

/** Undefined when nothing answered. */
async function answerOf(request: Request, way: Way, clientIp: string): Promise<Response | undefined> {
  try {
    return await forward(request, way, clientIp);
  } catch {
    return undefined;
  }
}

/** The route says running and the origin refuses: the object knows better. Where it does run, the refusal passes. */
async function afterRefusal(visit: Visit, route: Route, response: Response | undefined): Promise<Response> {
  const current = await currentRoute(visit, route);
  visit.trace.state = current?.state ?? "deleted";
  return response && current?.state === "running"
    ? response
    : noticeResponse(visit.request, current ? noticeFor(current) : NOT_FOUND);
}
