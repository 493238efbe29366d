import type { OpenAPIHono } from "@hono/zod-openapi";
import { authenticateOperator } from "../middleware/authenticate-operator.ts";
import { bodyLimit } from "../middleware/body-limit.ts";
import { idempotency } from "../middleware/idempotency.ts";
import type { ApiEnv } from "../route.ts";
import { createAccountRoute } from "./create-account.ts";
import { listAccountsRoute } from "./list-accounts.ts";
import { listAllInstancesRoute } from "./list-instances.ts";
import { publishReleaseRoute } from "./publish-release.ts";
import { readSweepRoute } from "./read-sweep.ts";
import { updateAccountRoute } from "./update-account.ts";

const routes = [
  createAccountRoute,
  listAccountsRoute,
  updateAccountRoute,
  publishReleaseRoute,
  listAllInstancesRoute,
  readSweepRoute,
];

/** The operator's surface, closed at its end: nothing below `/api/admin` is ever looked for among an account's own. */
export function mountAdmin(app: OpenAPIHono<ApiEnv>): void {
  app.use("/api/admin/*", authenticateOperator, bodyLimit, idempotency);
  for (const route of routes) {
    app.route("/api", route);
  }
  app.all("/api/admin/*", (c) => c.notFound());
}
