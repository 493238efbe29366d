/** Headers between HTTP/1.1 and HTTP/2: what belongs to one connection stays with it. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { RESERVED_PREFIX } from "./wire.ts";

const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  // Answered by whoever received it.
  "expect",
]);

/** Neither hop-by-hop, nor named so by `Connection`, nor a pseudo header, nor the tunnel's own. */
export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = String(headers.connection ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  const kept: OutgoingHttpHeaders = Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) =>
        value !== undefined &&
        !name.startsWith(":") &&
        !HOP_BY_HOP.has(name) &&
        !named.includes(name) &&
        !name.startsWith(RESERVED_PREFIX),
    ),
  );
  // Last: what comes after it, Node encodes another way where it is `content-disposition`, and refuses names that are not ASCII.
  const { "content-length": length, ...rest } = kept;
  return length === undefined ? rest : { ...rest, "content-length": length };
}

/** As lines of HTTP/1.1. */
export function headerLines(headers: OutgoingHttpHeaders): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}\r\n`))
    .join("");
}
