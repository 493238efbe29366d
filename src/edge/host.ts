import { isSubdomainShaped } from "../ids.ts";

export type HostKind = { type: "api" } | { type: "instance"; subdomain: string } | { type: "unknown" };

/** Names under the base domain that belong to the control plane. */
const API_NAMES = new Set(["", "www", "api", "app"]);
/** Names that nobody gets, now or later, because mail, certificates and people expect something else behind them. */
const RESERVED = new Set([
  "admin",
  "autoconfig",
  "autodiscover",
  "cdn",
  "docs",
  "ftp",
  "imap",
  "mail",
  "mx",
  "ns1",
  "ns2",
  "pop",
  "smtp",
  "static",
  "status",
  "wpad",
]);

/** The host of an absolute URL, in lower case and without its port; parsing the whole of it costs more than the rest of the edge. */
export function hostnameOf(url: string): string {
  const start = url.indexOf("//") + 2;
  const slash = url.indexOf("/", start);
  const host = slash < 0 ? url.slice(start) : url.slice(start, slash);
  // An address in brackets has colons of its own, and is nobody's subdomain.
  const colon = host.startsWith("[") ? -1 : host.indexOf(":");
  return (colon < 0 ? host : host.slice(0, colon)).toLowerCase();
}

/** Whose request is this? Decided by the host alone, before anything else. `hostname` is lower-case, without a port. */
export function classifyHost(
  hostname: string,
  zone: { baseDomain: string; apiHosts: readonly string[] },
): HostKind {
  // A trailing dot is the same name, fully qualified.
  const name = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
  if (zone.apiHosts.includes(name)) {
    return { type: "api" };
  }
  if (!name.endsWith(zone.baseDomain)) {
    return { type: "unknown" };
  }
  const dot = name.length - zone.baseDomain.length - 1;
  if (dot >= 0 && name[dot] !== ".") {
    return { type: "unknown" };
  }
  const left = name.slice(0, Math.max(dot, 0));
  if (API_NAMES.has(left)) {
    return { type: "api" };
  }
  return isSubdomainShaped(left) && !RESERVED.has(left)
    ? { type: "instance", subdomain: left }
    : { type: "unknown" };
}
