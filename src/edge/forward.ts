import { type OriginTemplates, tunnelOrigin } from "../origins.ts";
import type { Vouchers } from "./assertion.ts";
import { guardAnswer, stripCredentials, withoutLink } from "./credentials.ts";
import type { Route } from "./route.ts";

export interface Upstream {
  /** What the vendor's proxy takes requests for the instance under, without its path. */
  url: string;
  /** By which scheme, host and port the agent is asked there. */
  origin: string;
  /** The proxy may have several machines to choose from, and is told which. */
  machine: string | undefined;
}

/** Undefined when there is no machine to forward to. */
export function upstreamOf(route: Route, templates: OriginTemplates): Upstream | undefined {
  const { provider, place, machine } = route;
  if (place === null || machine === null) return undefined;
  if (provider === "hetzner") {
    const { tunnelOriginUrl } = templates;
    const origin = tunnelOrigin(place);
    return { url: tunnelOriginUrl.replace("{host}", place), origin, machine: undefined };
  }
  const url = templates.flyAppUrl.replace("{app}", place);
  return { url, origin: url, machine };
}

/** What a client may never set: vendor control, who it is, and where it comes from. */
const STRIPPED_PREFIXES = ["fly-", "cf-", "x-forwarded-", "x-gentity-"];
const STRIPPED = ["forwarded", "x-real-ip", "true-client-ip"];

export interface Visitor {
  publicUrl: URL;
  clientIp: string;
  ownerId: string;
  vouchers: Vouchers;
}

/**
 * The headers an agent receives. The edge vouches: identity and forwarding headers are its own, always. The runtime sets Host to
 * the upstream's, so Origin is turned to match it, or agents that compare the two refuse every WebSocket; the
 * browser's own host travels as X-Forwarded-Host.
 */
export function upstreamHeaders(inbound: Headers, upstream: Upstream, visitor: Visitor): Headers {
  const headers = new Headers(inbound);
  // In the runtime an iterator of headers costs more than this callback, on every request.
  inbound.forEach((_, name) => {
    if (STRIPPED_PREFIXES.some((prefix) => name.startsWith(prefix)) || STRIPPED.includes(name)) {
      headers.delete(name);
    }
  });
  stripCredentials(headers);
  if (inbound.get("Origin") === visitor.publicUrl.origin) {
    headers.set("Origin", upstream.origin);
  }
  headers.set("X-Forwarded-Host", visitor.publicUrl.host);
  headers.set("X-Forwarded-Proto", visitor.publicUrl.protocol.slice(0, -1));
  headers.set("X-Forwarded-For", visitor.clientIp);
  headers.set("X-Gentity-User", visitor.ownerId);
  for (const [name, value] of visitor.vouchers) {
    headers.set(name, value);
  }
  if (upstream.machine !== undefined) {
    headers.set("fly-force-instance-id", upstream.machine);
  }
  return headers;
}

/** Streams both ways; nothing is buffered, and redirects are the browser's to follow. @throws when nothing answers. */
export async function forward(request: Request, upstream: Upstream, visitor: Visitor): Promise<Response> {
  const answer = await fetch(upstream.url + withoutLink(pathOf(request.url)), {
    method: request.method,
    headers: upstreamHeaders(request.headers, upstream, visitor),
    body: request.body,
    redirect: "manual",
  });
  const response = guardAnswer(request, answer, parentOf(visitor.publicUrl.hostname));
  // Looked at only where it means something: most answers are passed on without their headers being read.
  const location = mayNameLocation(response.status) ? response.headers.get("Location") : null;
  const own = location && [upstream.url, upstream.origin].find((prefix) => location.startsWith(prefix));
  if (!own) {
    return response;
  }
  // An agent that redirects to its own host means the one people see.
  const headers = new Headers(response.headers);
  headers.set("Location", visitor.publicUrl.origin + location.slice(own.length));
  return new Response(response.body, { status: response.status, headers });
}

function mayNameLocation(status: number): boolean {
  return status === 201 || (status >= 300 && status < 400);
}

function parentOf(hostname: string): string {
  return hostname.slice(hostname.indexOf(".") + 1);
}

/** Path and query of an absolute URL. */
export function pathOf(url: string): string {
  return url.slice(url.indexOf("/", url.indexOf("//") + 2));
}
