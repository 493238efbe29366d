import type { AuditEvent } from "../types.ts";

/** What stands before the first event of a chain. */
export const GENESIS_HASH = "0".repeat(64);

/**
 * The hash an event should have: SHA-256 in hex of the event without `hash`, as canonical JSON (RFC 8785: keys sorted, no
 * white space).
 *
 * @example jq -cjS 'del(.hash)' event.json | sha256sum
 */
export async function hashEvent(event: AuditEvent): Promise<string> {
  const { hash: _, ...hashed } = event;
  const bytes = new TextEncoder().encode(canonicalJson(hashed));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What JSON would keep of a value, with its keys sorted. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
  return `{${fields.join(",")}}`;
}
