import type { OpenAPIHono } from "@hono/zod-openapi";
import { SESSION_COOKIE } from "../../auth/session-cookie.ts";
import { VERSION } from "../../env.ts";
import type { ApiEnv } from "../route.ts";

const INFO = {
  title: "Gentity Compute",
  version: VERSION,
  description: "Every AI agent gets its own computer.",
};

/** The description is generated from the schemas that validate, so that the two cannot disagree. */
export function describeApi(app: OpenAPIHono<ApiEnv>, origin?: string) {
  const servers = origin === undefined ? [] : [{ url: origin }];
  return app.getOpenAPI31Document({ openapi: "3.1.0", info: INFO, servers });
}

export function mountDescription(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "gn_live_…",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
    description:
      "The dashboard's session, where there is no Authorization header. What changes anything, and a WebSocket, must come from this very origin.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "operator", {
    type: "http",
    scheme: "bearer",
    description: "The deployment's ADMIN_TOKEN.",
  });
  app.get("/openapi.json", (c) => c.json(describeApi(app, new URL(c.req.url).origin)));
}
