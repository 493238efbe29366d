import type { AuditHead } from "../types.ts";

/** A public key as `/.well-known/jwks.json` has it. */
export interface PublicKey {
  kty: string;
  crv: string;
  x: string;
  kid: string;
}

/** What a head claims, once its signature holds; else why it does not. */
export type ReadHead =
  | { ok: true; chain: string; seq: number; hash: string }
  | { ok: false; problem: string };

/** Checks a head's signature with WebCrypto, and that what was signed is what the head says. */
export async function readHead(head: AuditHead, keys: readonly PublicKey[]): Promise<ReadHead> {
  const [protectedPart = "", payloadPart = "", signaturePart = ""] = head.jws.split(".");
  const header = parse(protectedPart);
  const key = keys.find(({ kid, kty, crv }) => kid === header?.kid && kty === "OKP" && crv === "Ed25519");
  if (header?.alg !== "EdDSA" || !key) {
    return { ok: false, problem: `signed with a key that is not published (${String(header?.kid)})` };
  }
  const publicKey = await crypto.subtle.importKey(
    "jwk",
    { kty: key.kty, crv: key.crv, x: key.x },
    { name: "Ed25519" },
    false,
    ["verify"],
  );
  const signed = new TextEncoder().encode(`${protectedPart}.${payloadPart}`);
  const signature = fromBase64Url(signaturePart);
  const isSigned = signature && (await crypto.subtle.verify("Ed25519", publicKey, signature, signed));
  const payload = parse(payloadPart);
  if (!isSigned || !payload) return { ok: false, problem: "its signature is not valid" };
  const { chain, accountId, seq, hash } = head;
  const isSame = Object.entries({ chain, accountId, seq, hash }).every(
    ([name, value]) => payload[name] === value,
  );
  return isSame ? { ok: true, chain, seq, hash } : { ok: false, problem: "it is not what was signed" };
}

function parse(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(fromBase64Url(part)));
  } catch {
    return undefined;
  }
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
      char.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}
