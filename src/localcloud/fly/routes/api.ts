/** The vendor's API, put together: who may ask, what may go wrong, and every resource. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Hono, type MiddlewareHandler } from "hono";
import { CallRecord } from "../../faults/calls.ts";
import { controlRoutes } from "../../faults/control.ts";
import { injectFaults } from "../../faults/inject.ts";
import { rateLimit } from "../../faults/rate-limit.ts";
import { FaultRules } from "../../faults/rules.ts";
import type { Log } from "../../log.ts";
import { FlyError, notFound, unauthorized } from "../errors.ts";
import { newRequestId } from "../ids.ts";
import { DEFAULT_REGION } from "../regions.ts";
import { actionRoutes } from "./actions.ts";
import { appRoutes } from "./apps.ts";
import { execRoutes } from "./exec.ts";
import { faultyFly, machineOrders } from "./faulty.ts";
import type { ApiEnv, RouteContext } from "./http.ts";
import { leaseRoutes } from "./leases.ts";
import { logRoutes } from "./logs.ts";
import { machineRoutes } from "./machines.ts";
import { metadataRoutes } from "./metadata.ts";
import { platformRoutes } from "./platform.ts";
import { volumeRoutes } from "./volumes.ts";
import { waitRoutes } from "./wait.ts";

export interface ApiOptions extends RouteContext {
  token: string;
  rateLimited: boolean;
  log: Log;
}

/** Compared as digests: equal in length whatever was sent. */
function sameToken(sent: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}

function requireToken(token: string): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    // The vendor takes both schemes.
    const sent = c.req.header("authorization")?.match(/^(?:Bearer|FlyV1)\s+(.*)$/i)?.[1] ?? "";
    if (!sameToken(sent, token)) throw unauthorized();
    await next();
  };
}

export function createApi({ cloud, owner, token, rateLimited, log }: ApiOptions): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const rules = new FaultRules();
  const calls = new CallRecord();
  const routes = { cloud, owner };

  app.use(async (c, next) => {
    c.set("requestId", newRequestId(DEFAULT_REGION));
    c.set("fate", {});
    await next();
    c.header("fly-request-id", c.get("requestId"));
  });
  app.onError((error, c) => {
    c.header("fly-request-id", c.get("requestId"));
    if (error instanceof FlyError) return c.json(error.body, error.http as 400);
    log("api.error", {
      path: c.req.path,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return c.json({ error: "unknown: internal error", status: "unknown" }, 500);
  });
  app.notFound((c) => c.json(notFound("page").body, 404));

  app.use("/_control/*", requireToken(token));
  app.route("/_control", controlRoutes(machineOrders(cloud), rules, calls));

  app.use(calls.record());
  app.use(requireToken(token));
  if (rateLimited) app.use("/v1/*", rateLimit());
  app.use(injectFaults(rules, faultyFly(cloud)));
  // What was answered is remembered, whatever happens next.
  app.use(async (c, next) => {
    await next();
    if (c.req.method !== "GET") await cloud.context.state.saved();
  });

  for (const resource of [
    appRoutes(routes),
    volumeRoutes(routes),
    machineRoutes(routes),
    actionRoutes(routes),
    waitRoutes(routes),
    execRoutes(routes),
    leaseRoutes(routes),
    metadataRoutes(routes),
    platformRoutes(routes),
  ]) {
    app.route("/v1", resource);
  }
  app.route("/api/v1", logRoutes(routes));
  return app;
}
