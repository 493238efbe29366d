import { FlattenedEncrypt, flattenedDecrypt, type JWEHeaderParameters } from "jose";

export interface SealingKey {
  id: string;
  key: Uint8Array;
}

/** The ring holds no key, or not the one this was sealed with. The message names the key's id, never a secret. */
export class SealingError extends Error {
  override readonly name = "SealingError";
}

/**
 * AES-256-GCM with a fresh IV (JWE `dir`), the key's id in the header, bound to `context` (an instance and a field) as
 * additional data: a sealed text moved to another row does not open there.
 */
export async function seal(ring: readonly SealingKey[], context: string, plaintext: string): Promise<string> {
  const current = ring[0];
  if (!current) {
    throw new SealingError("no sealing key is set (SEALING_KEYS)");
  }
  const jwe = await new FlattenedEncrypt(new TextEncoder().encode(plaintext))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: current.id })
    .setAdditionalAuthenticatedData(new TextEncoder().encode(context))
    .encrypt(current.key);
  return [jwe.protected, jwe.iv, jwe.ciphertext, jwe.tag].join(".");
}

/** @throws SealingError when the key is not in the ring, or the text was not sealed for this context. */
export async function unseal(ring: readonly SealingKey[], context: string, sealed: string): Promise<string> {
  const [protectedHeader = "", iv = "", ciphertext = "", tag = ""] = sealed.split(".");
  const jwe = { protected: protectedHeader, iv, ciphertext, tag, aad: base64url(context) };
  try {
    const { plaintext } = await flattenedDecrypt(jwe, (header: JWEHeaderParameters | undefined) => {
      const entry = ring.find((candidate) => candidate.id === header?.kid);
      if (!entry) {
        throw new SealingError(`sealed with key "${header?.kid}", which is not in SEALING_KEYS`);
      }
      return entry.key;
    });
    return new TextDecoder().decode(plaintext);
  } catch (error) {
    throw error instanceof SealingError
      ? error
      : new SealingError("cannot be opened: changed, or sealed for something else");
  }
}

function base64url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** What an instance's sealed recipe is bound to. */
export function recipeContext(instanceId: string): string {
  return `instance:${instanceId}:recipe`;
}

/** What the inputs that its recipe was rendered from are bound to. */
export function inputsContext(instanceId: string): string {
  return `instance:${instanceId}:inputs`;
}

export function answerContext(accountId: string, key: string): string {
  return `idempotency:${accountId}:${key}`;
}
