import { CompactSign } from "jose";
import { privateKey, type SigningKey } from "../auth/signing-keys.ts";

/** What a signed head says: at `at`, the chain ended with this event. */
export interface SignedHead {
  chain: string;
  accountId: string;
  seq: number;
  hash: string;
  /** RFC 3339. */
  at: string;
}

/** As a compact JWS that anybody can check against the published keys. A retired key stays published as long as its heads are to be checked. */
export async function signHead(key: SigningKey, head: SignedHead): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(head));
  return new CompactSign(payload)
    .setProtectedHeader({ alg: "EdDSA", kid: key.id, typ: "JWT" })
    .sign(await privateKey(key));
}
