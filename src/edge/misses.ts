import { NOT_FOUND } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { Throttle } from "./throttle.ts";
import type { Visit } from "./visit.ts";

/** Clients over the limit of misses: they are answered without a look-up. */
const blocked = new Throttle(60_000, 10_000);

export function isBlocked({ clientIp }: Visit): boolean {
  return blocked.isHeld(networkOf(clientIp), Date.now());
}

/**
 * Whose requests are counted as one client's: an IPv4 address, or the first 56 bits of an IPv6 one, below which one household has
 * all addresses.
 */
export function networkOf(clientIp: string): string {
  if (!clientIp.includes(":") || clientIp.includes(".")) {
    return clientIp;
  }
  const [head = "", tail] = clientIp.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const rest = tail === "" ? [] : tail.split(":");
    groups.push(...new Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill("0"), ...rest);
  }
  const [first, second, third, fourth = "0"] = groups;
  return `${first}:${second}:${third}:${fourth.padStart(4, "0").slice(0, 2)}00::/56`;
}

/** Counted per client, so that addresses cannot be guessed fast. */
export async function miss({ request, env, clientIp, trace }: Visit): Promise<Response> {
  trace.outcome = "missed";
  const client = networkOf(clientIp);
  const { success } = await env.MISS_LIMIT.limit({ key: client });
  if (!success) {
    blocked.hold(client, Date.now());
  }
  return noticeResponse(request, NOT_FOUND);
}
