import { CompactSign, type JWK } from "jose";
import type { Config } from "../env.ts";

type SigningKey = Config["auditKeys"][number];

/** What a signed head says: at `at`, the chain ended with this event. */
export interface SignedHead {
  chain: string;
  accountId: string;
  seq: number;
  hash: string;
  /** RFC 3339. */
  at: string;
}

/** PKCS #8 around a bare Ed25519 seed (RFC 8410): the same for every key up to the seed. */
const PKCS8_PREFIX = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

function importKey({ seed }: SigningKey): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", new Uint8Array([...PKCS8_PREFIX, ...seed]), "Ed25519", true, [
    "sign",
  ]);
}

/** As a compact JWS that anybody can check against the published keys. */
export async function signHead(key: SigningKey, head: SignedHead): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(head));
  return new CompactSign(payload)
    .setProtectedHeader({ alg: "EdDSA", kid: key.id, typ: "JWT" })
    .sign(await importKey(key));
}

/** The public halves of the ring, for `/.well-known/jwks.json`: a retired key stays here as long as its heads are to be checked. */
export function publicKeys(ring: readonly SigningKey[]): Promise<JWK[]> {
  return Promise.all(
    ring.map(async (key) => {
      const { x } = (await crypto.subtle.exportKey("jwk", await importKey(key))) as JsonWebKey;
      return { kty: "OKP", crv: "Ed25519", x, kid: key.id, alg: "EdDSA", use: "sig" };
    }),
  );
}
