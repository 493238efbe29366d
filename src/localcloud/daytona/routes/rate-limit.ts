import type { MiddlewareHandler } from "hono";
import { rateLimited } from "../errors.ts";
import type { ApiContext, ApiEnv } from "./http.ts";

const WINDOW_MS = 60_000;

/** Calls per minute of the vendor's lowest tier. */
const LIMITS = { authenticated: 10_000, "sandbox-create": 300, "sandbox-lifecycle": 10_000 } as const;
type Throttler = keyof typeof LIMITS;

function throttlerOf({ req }: ApiContext): Throttler {
  if (req.method === "POST" && req.path.endsWith("/sandbox")) return "sandbox-create";
  if (req.method === "DELETE" || /\/(start|stop|pause)$/.test(req.path)) return "sandbox-lifecycle";
  return "authenticated";
}

/** Every answer tells how much is left; what is too much is refused only where that is switched on. */
export function rateLimits(enforced: boolean, now: () => number = Date.now): MiddlewareHandler<ApiEnv> {
  const windows = new Map<Throttler, { since: number; calls: number }>();
  return async function limit(c, next) {
    const throttler = throttlerOf(c);
    let window = windows.get(throttler);
    if (!window || now() - window.since >= WINDOW_MS) window = { since: now(), calls: 0 };
    windows.set(throttler, window);
    window.calls += 1;
    const seconds = Math.ceil((window.since + WINDOW_MS - now()) / 1000);
    const left = LIMITS[throttler] - window.calls;
    c.header(`X-RateLimit-Limit-${throttler}`, String(LIMITS[throttler]));
    c.header(`X-RateLimit-Remaining-${throttler}`, String(Math.max(0, left)));
    c.header(`X-RateLimit-Reset-${throttler}`, String(seconds));
    if (enforced && left < 0) {
      c.header(`Retry-After-${throttler}`, String(seconds));
      throw rateLimited();
    }
    await next();
  };
}
