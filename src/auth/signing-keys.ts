import type { JWK } from "jose";

/** A key of a ring: the first of a ring signs, and all of them are published and taken for good. */
export interface SigningKey {
  id: string;
  /** Of Ed25519, 32 bytes. */
  seed: Uint8Array;
}

/** PKCS #8 around a bare Ed25519 seed (RFC 8410): the same for every key up to the seed. */
const PKCS8_PREFIX = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

export function privateKey({ seed }: SigningKey): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", new Uint8Array([...PKCS8_PREFIX, ...seed]), "Ed25519", true, [
    "sign",
  ]);
}

/** The public halves of a ring, for `/.well-known/jwks.json`. */
export function publicKeys(ring: readonly SigningKey[]): Promise<JWK[]> {
  return Promise.all(
    ring.map(async (key) => {
      const { x } = (await crypto.subtle.exportKey("jwk", await privateKey(key))) as JsonWebKey;
      return { kty: "OKP", crv: "Ed25519", x, kid: key.id, alg: "EdDSA", use: "sig" };
    }),
  );
}
