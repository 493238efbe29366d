/** The vendor's API, put together: who may ask, what may go wrong, and every resource. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Hono, type MiddlewareHandler } from "hono";
import { CallRecord } from "../../faults/calls.ts";
import { controlRoutes } from "../../faults/control.ts";
import { injectFaults } from "../../faults/inject.ts";
import { FaultRules } from "../../faults/rules.ts";
import { FlyError, machineNotFound } from "../../fly/errors.ts";
import type { Log } from "../../log.ts";
import type { AnalyticsStore } from "../analytics/store.ts";
import { CloudflareError, failure, noRoute, unauthorized } from "../errors.ts";
import { zoneView } from "../views.ts";
import { analyticsRoutes, datasetRoutes } from "./analytics.ts";
import { dnsRoutes } from "./dns.ts";
import { FAULTY_CLOUDFLARE } from "./faulty.ts";
import { type ApiEnv, identifier, type RouteContext, success } from "./http.ts";
import { rateLimit } from "./rate-limit.ts";
import { tunnelRoutes } from "./tunnels.ts";

export interface ApiOptions extends RouteContext {
  analytics: AnalyticsStore;
  token: string;
  rateLimited: boolean;
  zone?: string | undefined;
  log: Log;
}

export const API_PATH = "/client/v4";

function requireToken(token: string): MiddlewareHandler<ApiEnv> {
  // Compared as digests: equal in length whatever was sent.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return async (c, next) => {
    const sent = c.req.header("authorization")?.match(/^Bearer\s+(.*)$/i)?.[1] ?? "";
    if (!timingSafeEqual(digest(sent), digest(token))) throw unauthorized();
    await next();
  };
}

const noMachine = async () => {
  throw machineNotFound();
};

export function createCloudflareApi(options: ApiOptions): Hono<ApiEnv> {
  const { cloud, analytics, token, rateLimited, zone, log } = options;
  const app = new Hono<ApiEnv>();
  const rules = new FaultRules();
  const calls = new CallRecord();

  app.use(async (c, next) => {
    c.set("fate", {});
    const ray = `${randomBytes(8).toString("hex")}-LOC`;
    c.set("requestId", ray);
    await next();
    c.header("cf-ray", ray);
  });
  app.onError((error, c) => {
    c.header("cf-ray", c.get("requestId"));
    if (error instanceof CloudflareError) {
      return c.json(failure(error.code, error.message), error.http as 400);
    }
    // Of the control routes, which all vendors share.
    if (error instanceof FlyError) return c.json(error.body, error.http as 400);
    log("cloudflare.error", {
      path: c.req.path,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return c.json(failure(10001, "internal error"), 500);
  });
  app.notFound((c) => c.json(failure(7003, noRoute(c.req.path).message), 404));

  app.use("/_control/*", requireToken(token));
  const orders = { vanish: noMachine, crash: noMachine, setState: noMachine };
  app.route("/_control/datasets", datasetRoutes(analytics));
  app.route("/_control", controlRoutes(orders, rules, calls));

  app.use(calls.record());
  app.use(requireToken(token));
  if (rateLimited) app.use(rateLimit());
  app.use(injectFaults(rules, FAULTY_CLOUDFLARE));
  // What was answered is remembered, whatever happens next.
  app.use(async (c, next) => {
    await next();
    if (c.req.method !== "GET") await cloud.state.saved();
  });

  app.get(`${API_PATH}/user/tokens/verify`, (c) => success(c, { id: "0".repeat(32), status: "active" }));
  app.get(`${API_PATH}/zones/:zone`, (c) => success(c, zoneView(identifier(c, "zone"), zone ?? "localhost")));
  app.route(`${API_PATH}/accounts/:account/cfd_tunnel`, tunnelRoutes({ cloud }));
  app.route(`${API_PATH}/accounts/:account/analytics_engine`, analyticsRoutes(analytics));
  app.route(`${API_PATH}/zones/:zone/dns_records`, dnsRoutes({ cloud }));
  return app;
}
