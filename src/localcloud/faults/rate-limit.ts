import type { MiddlewareHandler } from "hono";
import { rateLimited } from "../fly/errors.ts";
import type { ApiEnv } from "../fly/routes/http.ts";

interface Bucket {
  tokens: number;
  at: number;
}

const FORGET_ABOVE = 10_000;

/** The vendor's documented limit: one a second for each action on each machine or app, three at once; reading a machine, five and ten. */
export function rateLimit(now: () => number = Date.now): MiddlewareHandler<ApiEnv> {
  const buckets = new Map<string, Bucket>();
  return async function limit(c, next) {
    const [, app, kind, id, action] = c.req.path.split("/").slice(2);
    const isGetMachine =
      c.req.method === "GET" && kind === "machines" && id !== undefined && action === undefined;
    const [rate, burst] = isGetMachine ? [5, 10] : [1, 3];
    const key = [c.req.method, app, kind, id, action].join("/");
    if (buckets.size > FORGET_ABOVE) buckets.clear();
    const bucket = buckets.get(key) ?? { tokens: burst, at: now() };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now() - bucket.at) / 1000) * rate);
    bucket.at = now();
    buckets.set(key, bucket);
    if (bucket.tokens < 1) {
      c.header("retry-after", "1");
      throw rateLimited();
    }
    bucket.tokens -= 1;
    await next();
  };
}
