import { isTokenShaped } from "../ids.ts";

/** The token of an `Authorization: Bearer` header, or undefined when it is missing or malformed. */
export function bearerToken(header: string | null | undefined): string | undefined {
  const token = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  return token !== undefined && isTokenShaped(token) ? token : undefined;
}

/** What is stored of a token: the lower-case hex of its SHA-256. */
export async function hashToken(plaintext: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(plaintext));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a person may see of a token later: enough to tell it from another. */
export function tokenPrefix(plaintext: string): string {
  return plaintext.slice(0, "gn_live_".length + 6);
}
