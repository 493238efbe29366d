import { createMiddleware } from "hono/factory";
import type { DashboardEnv } from "../route.ts";

/** Everything comes from here and nothing stands in the page: an injected script or style is not run. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

export const securityHeaders = createMiddleware<DashboardEnv>(async function securityHeaders(c, next) {
  await next();
  c.header("Content-Security-Policy", POLICY);
  c.header("X-Content-Type-Options", "nosniff");
  c.header("X-Frame-Options", "DENY");
  c.header("Referrer-Policy", "same-origin");
  c.header("Cross-Origin-Opener-Policy", "same-origin");
  c.header("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  // Pages tell of one account: nothing between here and its reader may keep them.
  if (!c.res.headers.has("Cache-Control")) {
    c.header("Cache-Control", "private, no-store");
  }
});
