import { type Config, instanceUrl } from "../env.ts";
import { sign, verify } from "./signing.ts";

/** Where a signed link carries its proof. It never reaches an agent. */
export const LINK_PARAMETER = "gentity_link";

/** What a link is a proof for: this instance under this name, and no other. */
export interface LinkTarget {
  instanceId: string;
  subdomain: string;
}

type Signer = Pick<Config, "edgeKeys" | "publicOrigin" | "baseDomain">;

/** A URL that opens the instance until it expires, in epoch milliseconds. Undefined while the edge has no key. */
export async function signLink(
  config: Signer,
  target: LinkTarget,
  { now, expiresAt }: { now: number; expiresAt: number },
): Promise<string | undefined> {
  const url = new URL(instanceUrl(config, target.subdomain));
  const proof = await sign(config.edgeKeys, "gentity-link+jwt", {
    iss: config.publicOrigin.origin,
    aud: url.origin,
    sub: target.instanceId,
    iat: Math.floor(now / 1000),
    exp: Math.floor(expiresAt / 1000),
  });
  if (proof === undefined) return undefined;
  url.searchParams.set(LINK_PARAMETER, proof);
  return url.href;
}

/** When the proof ends, in epoch milliseconds; undefined when it is none for this target, or has ended. */
export async function linkEnd(
  config: Signer,
  target: LinkTarget,
  { proof, now }: { proof: string; now: number },
): Promise<number | undefined> {
  const aud = new URL(instanceUrl(config, target.subdomain)).origin;
  const expected = { iss: config.publicOrigin.origin, aud, now };
  const claims = await verify(config.edgeKeys, "gentity-link+jwt", proof, expected);
  // The clocks of the signer and the verifier are the same service's, so the end is the end.
  return claims?.sub === target.instanceId && claims.exp * 1000 > now ? claims.exp * 1000 : undefined;
}
