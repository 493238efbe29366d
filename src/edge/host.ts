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
  if (name !== zone.baseDomain && !name.endsWith(`.${zone.baseDomain}`)) {
    return { type: "unknown" };
  }
  const left = name.slice(0, -zone.baseDomain.length - 1);
  if (API_NAMES.has(left)) {
    return { type: "api" };
  }
  return isSubdomainShaped(left) && !RESERVED.has(left)
    ? { type: "instance", subdomain: left }
    : { type: "unknown" };
}
