export interface UpgradeHeaders {
  origin?: string;
  host?: string;
  forwardedHost?: string;
}

/**
 * Whether a WebSocket may be opened. Browsers let any page open one to any host, and say only whose page it is: without
 * this check every site a person visits could type into their terminal. What sends no Origin is no browser.
 */
export function isOwnOrigin({ origin, host, forwardedHost }: UpgradeHeaders): boolean {
  if (origin === undefined) return true;
  const own = [host, forwardedHost?.split(",")[0]?.trim()].filter(
    (name) => name !== undefined && name !== "",
  );
  try {
    const { protocol, host: from } = new URL(origin);
    return /^https?:$/.test(protocol) && own.some((name) => name?.toLowerCase() === from);
  } catch {
    return false;
  }
}
