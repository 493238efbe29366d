import dns from "node:dns";

/** Names of this very computer. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || isUnderLocalhost(hostname) || /^(127\.|\[?::1\]?$)/.test(hostname);
}

/**
 * Lets names such as `gentity.localhost` resolve to this computer, as RFC 6761 asks and browsers do; the system
 * resolver behind Node does not. Done at the resolver, so that `fetch` and `WebSocket` both follow and the Host
 * header, by which the server tells instances apart, stays what it was.
 */
export function resolveLocalhostNames(): void {
  const lookup = dns.lookup;
  const patched = (hostname: string, ...rest: unknown[]) =>
    Reflect.apply(lookup, dns, [isUnderLocalhost(hostname) ? "localhost" : hostname, ...rest]);
  // The module's own object is what sockets look the function up on; its type forbids a plain assignment.
  Object.defineProperty(dns, "lookup", { value: patched, configurable: true, writable: true });
}

function isUnderLocalhost(hostname: string): boolean {
  return hostname.endsWith(".localhost");
}
