import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors.ts";
import type { DashboardEnv } from "../route.ts";

/** Each of these may make a request to the provider, at the wish of whoever comes by. */
export const limitSignIns = createMiddleware<DashboardEnv>(async function limitSignIns(c, next) {
  const client = c.req.header("CF-Connecting-IP") ?? "unknown";
  if (!(await c.env.API_LIMIT.limit({ key: `sign-in ${client}` })).success) {
    throw new AppError("rate_limited", "Too many sign-ins from your network.", { retryAfterSeconds: 60 });
  }
  return next();
});
