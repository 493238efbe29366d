import { NOT_FOUND } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { Throttle } from "./throttle.ts";
import type { Visit } from "./visit.ts";

/** Clients over the limit of misses: they are answered without a look-up. */
const blocked = new Throttle(60_000, 10_000);

export function isBlocked({ clientIp }: Visit): boolean {
  return blocked.isHeld(clientIp, Date.now());
}

/** Counted per client, so that addresses cannot be guessed fast. */
export async function miss({ request, env, clientIp, trace }: Visit): Promise<Response> {
  trace.outcome = "missed";
  const { success } = await env.MISS_LIMIT.limit({ key: clientIp });
  if (!success) {
    blocked.hold(clientIp, Date.now());
  }
  return noticeResponse(request, NOT_FOUND);
}
