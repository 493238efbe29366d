import { isSessionSecretShaped } from "../ids.ts";

/**
 * `__Host-`: bound to this very host, over TLS, for every path. What runs under a subdomain can neither read it nor put one
 * of its own in its place.
 */
export const SESSION_COOKIE = "__Host-gentity";

/** The secret in a request's `Cookie` header, or undefined where there is none or it cannot be one. */
export function sessionSecret(header: string | null | undefined): string | undefined {
  const found = header
    ?.split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${SESSION_COOKIE}=`));
  const secret = found?.slice(SESSION_COOKIE.length + 1) ?? "";
  return isSessionSecretShaped(secret) ? secret : undefined;
}

/** The `Set-Cookie` of a session; an empty secret takes it back. Lax, so that a link from elsewhere finds one signed in. */
export function sessionCookie(secret: string, maxAgeSeconds: number): string {
  return `${SESSION_COOKIE}=${secret}; Path=/; Max-Age=${maxAgeSeconds}; Secure; HttpOnly; SameSite=Lax`;
}

/**
 * What a form of this session must carry: derived from its secret, so nothing is kept for it, and no other session's fits. Nor
 * does one that was shown while the session looked at another account: it would do there what was meant for here.
 */
export async function formToken(secret: string, accountId: string): Promise<string> {
  const bytes = new TextEncoder().encode(`form:${accountId}:${secret}`);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest).slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
