import { agentsPart, guardAnswer, withoutLink } from "./credentials.ts";
import type { Way } from "./way.ts";

/** What a client may never set: vendor control, who it is, and where it comes from. `name` is in lower case. */
export function isStripped(name: string): boolean {
  // By the first letter: this runs for every header of every request.
  switch (name[0]) {
    case "c":
      return name.startsWith("cf-");
    case "f":
      return name.startsWith("fly-") || name === "forwarded";
    case "t":
      return name === "true-client-ip";
    case "x":
      return name.startsWith("x-forwarded-") || name.startsWith("x-gentity-") || name === "x-real-ip";
    default:
      return false;
  }
}

/** What may hold a token or a cookie of ours beside what is the agent's. */
const SHARED = ["authorization", "cookie", "sec-websocket-protocol"];

/** What the edge says of one request. */
export interface Passing {
  way: Way;
  clientIp: string;
  /** What it vouches with at the moment, names in lower case. */
  vouchers: Readonly<Record<string, string>>;
}

/**
 * The headers an agent receives. The edge vouches: identity and forwarding headers are its own, always. The runtime sets Host to
 * the upstream's, so Origin is turned to match it, or agents that compare the two refuse every WebSocket; the
 * browser's own host travels as X-Forwarded-Host.
 *
 * A plain object, filled in one pass: in the runtime each call on a `Headers` costs about as much as sending one header more.
 */
export function upstreamHeaders(
  inbound: Headers,
  { way, clientIp, vouchers }: Passing,
): Record<string, string> | Headers {
  const headers: Record<string, string> = { ...way.headers, ...vouchers, "x-forwarded-for": clientIp };
  let isPlain = true;
  inbound.forEach((value, name) => {
    if (!isStripped(name)) {
      headers[name] = value;
      // Bytes that are not UTF-8 do not survive being text, and one name does not survive being a key.
      isPlain &&= !value.includes("\uFFFD") && name !== "__proto__";
    }
  });
  for (const name of SHARED) {
    const value = headers[name];
    if (value !== undefined) {
      const part = agentsPart(name, value);
      if (part === "") delete headers[name];
      else headers[name] = part;
    }
  }
  if (headers.origin === way.publicOrigin) {
    headers.origin = way.origin;
  }
  return isPlain ? headers : withBytesKept(inbound, headers);
}

/** The same, at a cost: as a copy of what came in, in which only what differs is touched. */
function withBytesKept(inbound: Headers, wanted: Record<string, string>): Headers {
  const headers = new Headers(inbound);
  inbound.forEach((value, name) => {
    const kept = name === "__proto__" ? value : wanted[name];
    if (kept === undefined) {
      headers.delete(name);
    } else if (kept !== value) {
      headers.set(name, kept);
    }
  });
  for (const [name, value] of Object.entries(wanted)) {
    if (!inbound.has(name)) {
      headers.set(name, value);
    }
  }
  return headers;
}

/** Streams both ways; nothing is buffered, and redirects are the browser's to follow. Rejects when nothing answers. */
export async function forward(request: Request, passing: Passing): Promise<Response> {
  const { way } = passing;
  const answer = await fetch(way.url + withoutLink(pathOf(request.url)), {
    method: request.method,
    headers: upstreamHeaders(request.headers, passing),
    body: request.body,
    redirect: "manual",
  });
  const response = guardAnswer(request, answer, way.baseDomain);
  return mayNameLocation(response.status) ? withPublicLocation(response, way) : response;
}

/** Looked at only where it means something: most answers are passed on without a look at it. */
function mayNameLocation(status: number): boolean {
  return status === 201 || (status >= 300 && status < 400);
}

/** An agent that redirects to its own host means the one people see. */
function withPublicLocation(response: Response, way: Way): Response {
  const location = response.headers.get("Location");
  const own = location && [way.url, way.origin].find((prefix) => location.startsWith(prefix));
  if (!own) {
    return response;
  }
  const headers = new Headers(response.headers);
  headers.set("Location", way.publicOrigin + location.slice(own.length));
  return new Response(response.body, { status: response.status, headers });
}

/** Path and query of an absolute URL. */
export function pathOf(url: string): string {
  return url.slice(url.indexOf("/", url.indexOf("//") + 2));
}
