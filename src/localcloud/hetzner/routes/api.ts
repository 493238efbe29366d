/** The vendor's API, put together: who may ask, what may go wrong, and every resource. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Hono, type MiddlewareHandler } from "hono";
import { CallRecord } from "../../faults/calls.ts";
import { controlRoutes } from "../../faults/control.ts";
import { injectFaults } from "../../faults/inject.ts";
import { FaultRules } from "../../faults/rules.ts";
import { FlyError } from "../../fly/errors.ts";
import type { Log } from "../../log.ts";
import { HetznerError, noRoute, tokenInvalid, tokenRequired } from "../errors.ts";
import { catalogRoutes } from "./catalog.ts";
import { faultyHetzner, machineOrders } from "./faulty.ts";
import { firewallRoutes } from "./firewalls.ts";
import type { ApiEnv, RouteContext } from "./http.ts";
import { type RateLimit, rateLimit } from "./rate-limit.ts";
import { serverRoutes } from "./servers.ts";
import { volumeRoutes } from "./volumes.ts";

export const API_PATH = "/v1";

export interface ApiOptions extends RouteContext {
  token: string;
  rate: RateLimit;
  log: Log;
}

function requireToken(token: string): MiddlewareHandler<ApiEnv> {
  // Compared as digests: equal in length whatever was sent.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return async (c, next) => {
    const sent = c.req.header("authorization")?.match(/^Bearer\s+(.*)$/i)?.[1];
    if (sent === undefined) throw tokenRequired();
    if (!timingSafeEqual(digest(sent), digest(token))) throw tokenInvalid();
    await next();
  };
}

const RESOURCES =
  /^\/v1\/(servers|volumes|firewalls|actions|locations|server_types|images|pricing|datacenters)(\/|$)/;

/** A path that leads nowhere is told to anybody, before a token is looked at. */
const requireRoute: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (!RESOURCES.test(c.req.path)) throw noRoute();
  await next();
};

export function createHetznerApi({ cloud, token, rate, log }: ApiOptions): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const rules = new FaultRules();
  const calls = new CallRecord();

  app.use(async (c, next) => {
    c.set("fate", {});
    await next();
  });
  app.onError((error, c) => {
    // Of the control routes, which all vendors share.
    if (error instanceof FlyError) return c.json(error.body, error.http as 400);
    if (error instanceof HetznerError) return c.json(error.body, error.http as 400);
    log("hetzner.error", {
      path: c.req.path,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return c.json(new HetznerError(500, "server_error", "an internal error occurred").body, 500);
  });
  app.notFound((c) => c.json(noRoute().body, 404));

  app.use("/_control/*", requireToken(token));
  app.route("/_control", controlRoutes(machineOrders(cloud), rules, calls));
  // For what plays a server from outside: the vendor itself never tells.
  app.get("/_control/servers/:id", (c) => {
    const { id, name, status, userData } = cloud.getServer(Number(c.req.param("id")));
    const volumes = cloud.state.volumesOf(id).map((volume) => volume.id);
    return c.json({ server: { id, name, status, user_data: userData, volumes } });
  });

  const api = new Hono<ApiEnv>();
  api.use(calls.record());
  api.use(rateLimit(rate));
  api.use(requireRoute);
  api.use(requireToken(token));
  api.use(injectFaults(rules, faultyHetzner(cloud)));
  // What was answered is remembered, whatever happens next.
  api.use(async (c, next) => {
    await next();
    if (c.req.method !== "GET") await cloud.state.saved();
  });
  const routes = { cloud };
  for (const resource of [serverRoutes, volumeRoutes, firewallRoutes, catalogRoutes]) {
    api.route("/", resource(routes));
  }
  app.route(API_PATH, api);
  return app;
}
