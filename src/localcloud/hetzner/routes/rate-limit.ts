import type { MiddlewareHandler } from "hono";
import { rateLimited } from "../errors.ts";
import type { ApiEnv } from "./http.ts";

export interface RateLimit {
  /** The vendor's default is 3600, refilled by one a second. */
  limit?: number;
  /** Absent: the headers tell the truth, and nobody is refused. */
  refuses: boolean;
  now?: () => number;
}

/** One bucket for the project. Every answer says how full it is. */
export function rateLimit({ limit = 3600, refuses, now = Date.now }: RateLimit): MiddlewareHandler<ApiEnv> {
  let tokens = limit;
  let at = now();
  return async function limited(c, next) {
    const elapsedMs = now() - at;
    at += elapsedMs;
    tokens = Math.min(limit, tokens + (elapsedMs / 1000) * (limit / 3600));
    const isOver = tokens < 1;
    if (!isOver) tokens -= 1;
    const say = () => {
      const missing = limit - tokens;
      c.header("RateLimit-Limit", String(limit));
      c.header("RateLimit-Remaining", String(Math.floor(tokens)));
      c.header("RateLimit-Reset", String(Math.ceil(now() / 1000 + missing / (limit / 3600))));
    };
    say();
    if (isOver && refuses) throw rateLimited();
    await next();
    say();
    // Ordered: the bucket was not empty, and whoever asks must hear when to come again.
    if (c.res.status === 429) {
      c.header("RateLimit-Remaining", "0");
      c.header("RateLimit-Reset", String(Math.ceil(now() / 1000) + 1));
    }
  };
}
