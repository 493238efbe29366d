import { type Config, instanceUrl } from "../env.ts";
import { type OriginTemplates, tunnelOrigin } from "../origins.ts";

/** How an instance's agent is reached, and what the edge tells it: made once per known route, not once per request. */
export interface Way {
  /** What the vendor's proxy takes requests for the instance under, without its path. */
  url: string;
  /** By which scheme, host and port the agent is asked there. */
  origin: string;
  /** By which scheme, host and port people see it. */
  publicOrigin: string;
  /** Whose cookies are not the agent's to set. */
  baseDomain: string;
  /** What the edge says itself on every request, names in lower case. */
  headers: Readonly<Record<string, string>>;
}

/** Where a route leads. */
export interface Destination {
  /** Whom the edge vouches for. */
  accountId: string;
  provider: string;
  place: string | null;
  machine: string | null;
}

/** Undefined when there is no machine to forward to. */
export function wayTo(
  destination: Destination,
  subdomain: string,
  config: OriginTemplates & Pick<Config, "publicOrigin" | "baseDomain">,
): Way | undefined {
  const { accountId, provider, place, machine } = destination;
  if (place === null || machine === null) return undefined;
  const { origin: publicOrigin, host, protocol } = new URL(instanceUrl(config, subdomain));
  const { baseDomain } = config;
  const headers = {
    "x-forwarded-host": host,
    "x-forwarded-proto": protocol.slice(0, -1),
    "x-gentity-user": accountId,
  };
  if (provider === "hetzner") {
    const url = config.tunnelOriginUrl.replace("{host}", place);
    return { url, origin: tunnelOrigin(place), publicOrigin, baseDomain, headers };
  }
  const url = config.flyAppUrl.replace("{app}", place);
  // The proxy may have several machines to choose from, and is told which.
  return {
    url,
    origin: url,
    publicOrigin,
    baseDomain,
    headers: { ...headers, "fly-force-instance-id": machine },
  };
}
