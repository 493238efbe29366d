import { Hono } from "hono";
import { invalid } from "../errors.ts";
import type { LogLine } from "../log-store.ts";
import { type ApiEnv, param, type RouteContext } from "./http.ts";

function view(app: string, line: LogLine) {
  return {
    id: `${app}-${line.sequence}`,
    type: "log" as const,
    attributes: {
      timestamp: line.timestamp,
      message: line.message,
      level: line.level,
      instance: line.instance,
      region: line.region,
      meta: {
        instance: line.instance,
        region: line.region,
        event: { provider: line.provider },
        http: { request: { id: "", method: "", version: "" }, response: { status_code: 0 } },
        error: { code: 0, message: "" },
        url: { full: "" },
      },
    },
  };
}

/** Not in the Machines API: the endpoint that the vendor's command line reads logs from. */
export function logRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.get("/apps/:app/logs", (c) => {
    const app = cloud.getApp(param(c, "app"));
    const token = c.req.query("next_token");
    const after = token ? Number(token) : undefined;
    if (after !== undefined && !Number.isInteger(after)) throw invalid("next_token");
    const { logs } = cloud.context;
    const last = logs.lastSequence(app.name);
    const lines = logs.read(app.name, {
      after,
      instance: c.req.query("instance"),
      region: c.req.query("region"),
    });
    return c.json({ data: lines.map((line) => view(app.name, line)), meta: { next_token: String(last) } });
  });
  return routes;
}
