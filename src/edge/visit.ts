import type { Env } from "../env.ts";
import type { Trace } from "./trace.ts";

/** One request of the data path on its way through the edge. */
export interface Visit {
  request: Request;
  env: Env;
  ctx: ExecutionContext;
  subdomain: string;
  clientIp: string;
  trace: Trace;
  /** It was refused, and its instance found asleep: that happens once. */
  wasWoken?: boolean;
}

/**
 * Without Cloudflare in front nobody tells the visitor's address. Agents take loopback for a proxy that hides its client and
 * refuse it, so an address reserved for documentation stands for "somebody on this computer".
 */
const LOCAL_VISITOR = "192.0.2.1";

export function clientIpOf(request: Request): string {
  return request.headers.get("CF-Connecting-IP") ?? LOCAL_VISITOR;
}
