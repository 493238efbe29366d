/**
 * What is derived from the deployment's host secret and an instance's id, so that it is found again after any lost answer
 * and can be guessed by nobody.
 */

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const LABEL_CHARACTERS = 26;

/** What a server proves itself with, once. */
export async function deriveEnrolmentSecret(hostSecret: string, instanceId: string): Promise<string> {
  const bytes = await hmac(hostSecret, `enrol:${instanceId}`);
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The tunnel's own secret: base64 of 32 bytes, as the vendor wants it. */
export async function deriveTunnelSecret(hostSecret: string, instanceId: string): Promise<string> {
  return toBase64(await hmac(hostSecret, `tunnel:${instanceId}`));
}

/** The first label of the name under which the tunnel is reached. */
export async function deriveOriginLabel(hostSecret: string, instanceId: string): Promise<string> {
  const bytes = await hmac(hostSecret, `origin:${instanceId}`);
  return `o-${toBase32(bytes).slice(0, LABEL_CHARACTERS)}`;
}

/** What cloudflared is run with. */
export function tunnelToken(accountId: string, tunnelSecret: string, tunnelId: string): string {
  return btoa(JSON.stringify({ a: accountId, s: tunnelSecret, t: tunnelId }));
}

async function hmac(secret: string, message: string): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(message)));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function toBase32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(buffer >> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(buffer << (5 - bits)) & 31];
}
