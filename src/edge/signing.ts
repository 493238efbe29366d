import { importJWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { privateKey, publicKeys, type SigningKey } from "../auth/signing-keys.ts";

/**
 * What a signed text is for, in its `typ`. One made for one purpose is refused for every other, so that an agent, which is
 * handed an assertion with every request, cannot use it as a link to itself.
 */
export type Purpose = "gentity-assertion+jwt" | "gentity-link+jwt";

export interface Claims {
  iss: string;
  /** For whom it is meant, and so the only place where it counts. */
  aud: string;
  sub: string;
  /** Unix seconds. */
  iat: number;
  /** Unix seconds. */
  exp: number;
}

/** How far two clocks may disagree, in seconds. */
const CLOCK_TOLERANCE = 5;

/** A compact EdDSA JWT, signed by the first key of the ring. Undefined while the ring is empty. */
export async function sign(
  ring: readonly SigningKey[],
  purpose: Purpose,
  claims: Claims & JWTPayload,
): Promise<string | undefined> {
  const key = ring[0];
  return (
    key &&
    new SignJWT(claims)
      .setProtectedHeader({ alg: "EdDSA", kid: key.id, typ: purpose })
      .sign(await once(signers, key, privateKey))
  );
}

/** What it claims; undefined unless one of the ring's keys signed it for this purpose, issuer and audience, and it has not ended. */
export async function verify(
  ring: readonly SigningKey[],
  purpose: Purpose,
  token: string,
  expected: { iss: string; aud: string; now: number },
): Promise<(Claims & JWTPayload) | undefined> {
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = ring.find(({ id }) => id === kid);
        if (!key) throw new Error("signed by no key of this ring");
        return once(verifiers, key, publicKey);
      },
      {
        algorithms: ["EdDSA"],
        typ: purpose,
        issuer: expected.iss,
        audience: expected.aud,
        requiredClaims: ["iss", "aud", "sub", "iat", "exp"],
        clockTolerance: CLOCK_TOLERANCE,
        currentDate: new Date(expected.now),
      },
    );
    // An audience may be a list in a JWT of somebody else's; ours names one.
    return typeof payload.aud === "string" ? (payload as Claims & JWTPayload) : undefined;
  } catch {
    return undefined;
  }
}

const signers = new WeakMap<SigningKey, Promise<CryptoKey>>();
const verifiers = new WeakMap<SigningKey, Promise<CryptoKey>>();

async function publicKey(key: SigningKey): Promise<CryptoKey> {
  const [jwk] = await publicKeys([key]);
  return (await importJWK(jwk ?? {}, "EdDSA")) as CryptoKey;
}

/** Keys are imported once per isolate. */
function once(
  imported: WeakMap<SigningKey, Promise<CryptoKey>>,
  key: SigningKey,
  load: (key: SigningKey) => Promise<CryptoKey>,
): Promise<CryptoKey> {
  const known = imported.get(key) ?? load(key);
  imported.set(key, known);
  return known;
}
