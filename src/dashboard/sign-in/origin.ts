import type { Config } from "../../env.ts";

/**
 * Where a sign-in goes on: a cookie belongs to one host, and the provider sends people back to addresses that it was told. So it is the
 * public address, and any other that this deployment is said to answer on; from `www` and the like one is sent there first.
 */
export function signInOrigin(config: Pick<Config, "apiHosts" | "publicOrigin">, url: URL): string {
  const host = url.hostname.replace(/\.$/, "");
  return config.apiHosts.includes(host) ? url.origin : config.publicOrigin.origin;
}

/** What a provider has to know of this deployment. */
export function callbackUrl(origin: string): string {
  return `${origin}/sign-in/callback`;
}
