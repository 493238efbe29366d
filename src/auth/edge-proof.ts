import type { SigningKey } from "./signing-keys.ts";

/** For whom and at what a request is let through. */
export interface Vouched {
  instanceId: string;
  accountId: string;
}

/**
 * The headers in which the edge names the owner, one per key of the ring and the current key's first. Agents can be told where
 * to look for a user, but not to check a signature, so the *name* is the secret that shows that a request came by the edge. It is another one for every
 * instance and owner: an agent, and whoever gave it away, know nothing of any other.
 */
export function proofHeaders(
  ring: readonly SigningKey[],
  { instanceId, accountId }: Vouched,
): Promise<string[]> {
  const text = new TextEncoder().encode(`gentity-edge-proof\n${instanceId}\n${accountId}`);
  return Promise.all(
    ring.map(async ({ seed }) => {
      const hmac = { name: "HMAC", hash: "SHA-256" };
      const key = await crypto.subtle.importKey("raw", new Uint8Array(seed), hmac, false, ["sign"]);
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
      return `x-gentity-proof-${hex(mac.subarray(0, PROOF_BYTES))}`;
    }),
  );
}

/** 128 bits. */
const PROOF_BYTES = 16;

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
