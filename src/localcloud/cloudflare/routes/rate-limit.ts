import type { MiddlewareHandler } from "hono";
import { rateLimited } from "../errors.ts";
import type { ApiEnv } from "./http.ts";

const WINDOW_MS = 5 * 60_000;
const CALLS_PER_WINDOW = 1_200;

/** The vendor's documented limit, over all of a user's tokens: who passes it is refused everything for the next five minutes. */
export function rateLimit(now: () => number = Date.now): MiddlewareHandler<ApiEnv> {
  let windowEnd = 0;
  let calls = 0;
  let blockedUntil = 0;
  return async function limit(c, next) {
    const at = now();
    if (at >= windowEnd) {
      windowEnd = at + WINDOW_MS;
      calls = 0;
    }
    calls += 1;
    if (calls > CALLS_PER_WINDOW && at >= blockedUntil) blockedUntil = at + WINDOW_MS;
    if (at < blockedUntil) {
      c.header("retry-after", String(Math.ceil((blockedUntil - at) / 1000)));
      throw rateLimited();
    }
    await next();
  };
}
