import type { OpenAPIHono } from "@hono/zod-openapi";
import { SESSION_COOKIE } from "../../auth/session-cookie.ts";
import { VERSION } from "../../env.ts";
import type { ApiEnv } from "../route.ts";
import { ReferencePage } from "./reference-page.tsx";

const INFO = {
  title: "Gentity Compute",
  version: VERSION,
  description: "Every AI agent gets its own computer.",
};

/** The description is generated from the schemas that validate, so that the two cannot disagree. */
export function mountReference(app: OpenAPIHono<ApiEnv>): void {
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
  const describe = (origin: string) =>
    app.getOpenAPI31Document({ openapi: "3.1.0", info: INFO, servers: [{ url: origin }] });
  app.get("/openapi.json", (c) => c.json(describe(new URL(c.req.url).origin)));
  app.get("/docs", (c) => c.html(<ReferencePage document={describe(new URL(c.req.url).origin)} />));
}
