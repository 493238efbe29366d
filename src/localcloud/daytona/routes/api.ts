/** The vendor's platform API and its toolbox proxy, put together: who may ask, what may go wrong, and what there is. */
import { Hono, type MiddlewareHandler } from "hono";
import { CallRecord } from "../../faults/calls.ts";
import { controlRoutes } from "../../faults/control.ts";
import { injectFaults } from "../../faults/inject.ts";
import { FaultRules } from "../../faults/rules.ts";
import { FlyError } from "../../fly/errors.ts";
import type { Log } from "../../log.ts";
import { sameToken } from "../../same-token.ts";
import { DaytonaError, errorBody, notFound, toolboxErrorBody, unauthorized } from "../errors.ts";
import { faultyDaytona, sandboxOrders } from "./faulty.ts";
import type { ApiContext, ApiEnv, DaytonaRoutes } from "./http.ts";
import { rateLimits } from "./rate-limit.ts";
import { sandboxRoutes } from "./sandboxes.ts";
import { toolboxRoutes } from "./toolbox.ts";

export interface DaytonaApiOptions extends DaytonaRoutes {
  token: string;
  rateLimited: boolean;
  log: Log;
}

function requireToken(token: string): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const sent = c.req.header("authorization")?.match(/^Bearer\s+(.*)$/i)?.[1] ?? "";
    if (!sameToken(sent, token)) throw unauthorized();
    await next();
  };
}

function refusal(c: ApiContext, error: DaytonaError): Response {
  const { path, method } = c.req;
  const isToolbox = path.startsWith("/toolbox/");
  const body = isToolbox
    ? toolboxErrorBody({ path, method }, error)
    : errorBody(path, error.http, error.message);
  return c.json(body, error.http as 400);
}

export function createDaytonaApi(options: DaytonaApiOptions): Hono<ApiEnv> {
  const { cloud, token, rateLimited, log } = options;
  const app = new Hono<ApiEnv>();
  const rules = new FaultRules();
  const calls = new CallRecord();

  app.use(async (c, next) => {
    c.set("fate", {});
    await next();
  });
  app.onError((error, c) => {
    if (error instanceof DaytonaError) return refusal(c, error);
    // What the vendors here share refuses in the first one's words.
    if (error instanceof FlyError) return refusal(c, new DaytonaError(error.http, error.message));
    log("api.error", {
      path: c.req.path,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return refusal(c, new DaytonaError(500, "Internal server error"));
  });
  app.notFound((c) => refusal(c, notFound(c.req.method, c.req.path)));

  app.use("/_control/*", requireToken(token));
  app.route("/_control", controlRoutes(sandboxOrders(cloud), rules, calls));

  app.use(calls.record());
  app.use(requireToken(token));
  app.use("/api/*", rateLimits(rateLimited));
  app.use(injectFaults(rules, faultyDaytona(cloud)));
  // What was answered is remembered, whatever happens next.
  app.use("/api/*", async (c, next) => {
    await next();
    if (c.req.method !== "GET") await cloud.context.state.saved();
  });

  app.route("/api", sandboxRoutes(options));
  app.route("/toolbox", toolboxRoutes(options));
  return app;
}
