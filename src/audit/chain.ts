import { createHash } from "node:crypto";
import type { AuditEntry } from "./entry.ts";

/**
 * The hash of an event is the SHA-256, in lowercase hex, of the event as it is on the wire without `hash`, as canonical
 * JSON (RFC 8785): keys sorted, no white space, UTF-8. It names its chain, its place (`seq`, from 1) and the hash of the
 * event before it (`prevHash`, 64 zeros for the first), so no event can be changed, taken out or moved unseen.
 * `src/sdk/audit/chain.ts` has the same form for those who check; a test holds the two together.
 */

/** The last event of a chain. */
export interface Head {
  seq: number;
  hash: string;
}

export type ChainedEntry = AuditEntry & Head & { chain: string; prevHash: string };

/** Before the first event. */
export const GENESIS: Head = { seq: 0, hash: "0".repeat(64) };

/** The entry as the next event of a chain. */
export function linkEntry(entry: AuditEntry, chain: string, head: Head): ChainedEntry {
  const event = { ...entry, chain, seq: head.seq + 1, prevHash: head.hash };
  return { ...event, hash: hashEvent(event) };
}

/** Synchronous, because an object's transaction is. */
export function hashEvent(event: Omit<ChainedEntry, "hash">): string {
  const { id, accountId, instanceId, actor, action, target, requestId, detail, chain, seq, prevHash } = event;
  const at = new Date(event.at).toISOString();
  const hashed = {
    ...{ id, accountId, instanceId, actor, action, target, at, requestId, detail },
    ...{ chain, seq, prevHash },
  };
  return createHash("sha256").update(canonicalJson(hashed)).digest("hex");
}

/** What JSON would keep of a value, with its keys sorted. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
