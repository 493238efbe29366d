/**
 * The public side has one address for all host names, so that they need no DNS here: the first segment of the path is the host
 * name. Where a page's own address shows in a header, it is turned to what it would be in the vendor's world, and back.
 */
export interface Address {
  host: string;
  /** With its query. */
  path: string;
}

const HOST = /^[a-z0-9_]([a-z0-9._-]{0,252}[a-z0-9])?$/;

export function parseAddress(url: string): Address | undefined {
  const [, segment = "", rest = ""] = url.match(/^\/([^/?#]*)(.*)$/s) ?? [];
  const host = segment.toLowerCase();
  if (!HOST.test(host)) return undefined;
  return { host, path: rest.startsWith("/") ? rest : `/${rest}` };
}

/** `Origin` as the service must see it: of the host name it is asked for. */
export function inboundOrigin(origin: string, listener: string, host: string): string {
  return origin === `http://${listener}/${host}` ? `https://${host}` : origin;
}

/** `Location` as the caller must see it: of this listener. */
export function outboundLocation(location: string, listener: string, host: string): string {
  const match = location.match(/^https?:\/\/([^/?#]+)(.*)$/s);
  return match?.[1]?.toLowerCase() === host ? `http://${listener}/${host}${match[2]}` : location;
}
