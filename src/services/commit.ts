import { desc, eq, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { type ChainedEntry, GENESIS, type Head, linkEntry } from "../audit/chain.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { Db } from "../db/client.ts";
import { auditEvents } from "../db/schema.ts";
import { AppError } from "../errors.ts";

/** Of those who append to one chain at once, each round lets one through; more than this at once is a flood. */
const TRIES = 50;
/** The longest pause before another try, in milliseconds. */
const MAX_PAUSE_MS = 150;

/**
 * One guarded mutation and its audit event, in one transaction: D1 runs a batch whole or not at all. The event is written
 * only when the mutation changed exactly one row. It is the next of its account's chain: when somebody else took that
 * place meanwhile, its number is no longer free, nothing of the batch happens, and it is tried on the new end.
 * `also` runs in the same transaction, after both; each statement of it needs its own guard.
 * @returns whether it did; false means that the guard did not match.
 */
export async function commit(
  db: Db,
  mutation: BatchItem<"sqlite">,
  audit: AuditEntry,
  also: BatchItem<"sqlite">[] = [],
): Promise<boolean> {
  let head = await readHead(db, audit.accountId);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      const event = insertIfChanged(db, linkEntry(audit, audit.accountId, head));
      const [, written] = await db.batch([mutation, event, ...also]);
      return written.length === 1;
    } catch (error) {
      const [[mine], current] = await Promise.all([findEvent(db, audit.id), readHead(db, audit.accountId)]);
      if (mine) {
        // Only the answer was lost.
        return true;
      }
      if (current.seq === head.seq) {
        throw error;
      }
      await new Promise((resolve) =>
        setTimeout(resolve, Math.random() * Math.min(MAX_PAUSE_MS, attempt * 15)),
      );
      head = await readHead(db, audit.accountId);
    }
  }
  throw new AppError("rate_limited", "Too many changes to this account at once.", {
    hint: "Nothing was changed. Try again in a moment.",
    retryAfterSeconds: 1,
  });
}

async function readHead(db: Db, chain: string): Promise<Head> {
  const [head] = await db
    .select({ seq: auditEvents.seq, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(auditEvents.chain, chain))
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  return head ?? GENESIS;
}

function findEvent(db: Db, id: string): Promise<{ id: string }[]> {
  return db.select({ id: auditEvents.id }).from(auditEvents).where(eq(auditEvents.id, id)).limit(1);
}

function insertIfChanged(db: Db, event: ChainedEntry) {
  const detail = event.detail === null ? null : JSON.stringify(event.detail);
  return db
    .insert(auditEvents)
    .select(
      sql`SELECT NULL, ${event.id}, ${event.accountId}, ${event.instanceId}, ${event.actor}, ${event.action},
          ${event.target}, ${event.at}, ${event.requestId}, ${detail}, ${event.chain}, ${event.seq}, ${event.prevHash},
          ${event.hash} WHERE changes() = 1`,
    )
    .returning({ id: auditEvents.id });
}

/** Bookkeeping that nobody is to be told of (when a token was last used, which requests were answered), at once. */
export async function keep(
  db: Db,
  first: BatchItem<"sqlite">,
  ...rest: BatchItem<"sqlite">[]
): Promise<void> {
  await db.batch([first, ...rest]);
}
