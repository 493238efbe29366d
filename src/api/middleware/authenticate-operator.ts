import { createMiddleware } from "hono/factory";
import { bearerSecret, isSecret } from "../../auth/operator.ts";
import { readConfig } from "../../env.ts";
import { newOperatorContext } from "../../services/operator/context.ts";
import type { ApiEnv } from "../route.ts";
import { backgroundOf } from "./authenticate.ts";

/** Sets the operator's context for whoever knows the deployment's secret. To everybody else there is nothing here. */
export const authenticateOperator = createMiddleware<ApiEnv>(async function authenticateOperator(c, next) {
  const expected = readConfig(c.env).adminToken;
  const given = bearerSecret(c.req.header("Authorization"));
  if (expected === undefined || given === undefined || !(await isSecret(given, expected))) {
    return c.notFound();
  }
  const request = { requestId: c.var.requestId, now: Date.now(), background: backgroundOf(c) };
  c.set("ctx", newOperatorContext(c.env, request));
  return next();
});
