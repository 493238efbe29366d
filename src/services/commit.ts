import { sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { AuditEntry } from "../audit/entry.ts";
import type { Db } from "../db/client.ts";
import { auditEvents } from "../db/schema.ts";

/**
 * One guarded mutation and its audit event, in one transaction: D1 runs a batch whole or not at all. The event is written
 * only when the mutation changed exactly one row.
 * `also` runs in the same transaction, after both; each statement of it needs its own guard.
 * @returns whether it did; false means that the guard did not match.
 */
export async function commit(
  db: Db,
  mutation: BatchItem<"sqlite">,
  audit: AuditEntry,
  also: BatchItem<"sqlite">[] = [],
): Promise<boolean> {
  const detail = audit.detail === null ? null : JSON.stringify(audit.detail);
  const event = db
    .insert(auditEvents)
    .select(
      sql`SELECT ${audit.id}, ${audit.accountId}, ${audit.instanceId}, ${audit.actor}, ${audit.action}, ${audit.target},
          ${audit.at}, ${audit.requestId}, ${detail} WHERE changes() = 1`,
    )
    .returning({ id: auditEvents.id });
  const [, written] = await db.batch([mutation, event, ...also]);
  return written.length === 1;
}

/** Bookkeeping that nobody is to be told of (when a token was last used, which requests were answered). */
export async function keep(db: Db, statement: BatchItem<"sqlite">): Promise<void> {
  await db.batch([statement]);
}
