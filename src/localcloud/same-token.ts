import { createHash, timingSafeEqual } from "node:crypto";

/** Compared as digests: equal in length whatever was sent. */
export function sameToken(sent: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}
