import { sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { backoffMs } from "../backoff.ts";
import type { Db } from "../db/client.ts";
import { auditEvents, instances, periods, transfers } from "../db/schema.ts";
import { describeError, logEvent } from "../log.ts";
import type { ProvisioningMessage } from "./job.ts";
import { projectInstance } from "./projection.ts";
import type { InstanceStore, OutboxEntry } from "./store.ts";

export interface OutboxDeps {
  store: InstanceStore;
  db: Db;
  enqueue: (message: ProvisioningMessage) => Promise<void>;
  now: () => number;
}

const DRAIN_LIMIT = 40;

/**
 * Delivers what is due: messages to the queue, records to D1 in one batch. Every delivery is idempotent, so one that was
 * cut off is simply made again. What fails stays, is tried later, and never makes the caller wait or fail.
 * @returns whether all that was due has left.
 */
export async function drainOutbox(deps: OutboxDeps, attempt = 1): Promise<boolean> {
  const entries = deps.store.dueOutbox(deps.now(), DRAIN_LIMIT);
  const queued = entries.filter((entry) => entry.payload.kind === "queue");
  const records = entries.filter((entry) => entry.payload.kind !== "queue");
  const results = await Promise.all([
    ...queued.map((entry) => deliver(deps, [entry], () => sendToQueue(deps, entry), attempt)),
    records.length === 0 ? true : deliver(deps, records, () => writeToD1(deps, records), attempt),
  ]);
  return results.every(Boolean);
}

async function deliver(
  deps: OutboxDeps,
  entries: OutboxEntry[],
  send: () => Promise<void>,
  attempt: number,
): Promise<boolean> {
  try {
    await send();
  } catch (error) {
    logEvent("outbox.failed", { level: "error", entries: entries.length, cause: describeError(error) });
    const dueAt = deps.now() + backoffMs(attempt, 30_000);
    entries.forEach((entry) => {
      deps.store.postponeOutbox(entry, dueAt);
    });
    return false;
  }
  entries.forEach((entry) => {
    deps.store.dropOutbox(entry);
  });
  return true;
}

async function sendToQueue(deps: OutboxDeps, entry: OutboxEntry): Promise<void> {
  if (entry.payload.kind === "queue") {
    await deps.enqueue(entry.payload.message);
  }
}

async function writeToD1(deps: OutboxDeps, entries: OutboxEntry[]): Promise<void> {
  const statements = entries
    .map((entry) => statementFor(deps, entry))
    .filter((statement) => statement !== undefined);
  const [first, ...rest] = statements;
  if (first) {
    await deps.db.batch([first, ...rest]);
  }
}

function statementFor({ db, store }: OutboxDeps, { payload }: OutboxEntry): BatchItem<"sqlite"> | undefined {
  switch (payload.kind) {
    case "instance": {
      const view = store.readView();
      if (!view) {
        return undefined;
      }
      const row = projectInstance(view);
      return db
        .insert(instances)
        .values(row)
        .onConflictDoUpdate({
          target: instances.id,
          set: row,
          setWhere: sql`excluded.version > ${instances.version}`,
        });
    }
    case "period": {
      const period = store.period(payload.seq);
      const view = store.readView();
      if (!period || !view) {
        return undefined;
      }
      return db
        .insert(periods)
        .values({ ...period, instanceId: view.record.id })
        .onConflictDoUpdate({
          target: [periods.instanceId, periods.seq],
          set: { endedAt: period.endedAt },
          setWhere: sql`${periods.endedAt} IS NULL AND excluded.ended_at IS NOT NULL`,
        });
    }
    case "audit":
      return db.insert(auditEvents).values(payload.entry).onConflictDoNothing();
    case "transfer": {
      const transfer = store.transfer(payload.id);
      const record = store.readView()?.record;
      if (!transfer || !record) {
        return undefined;
      }
      const { toAccount, state, decidedAt } = transfer;
      return db
        .insert(transfers)
        .values({
          ...transfer,
          instanceId: record.id,
          instanceName: record.name,
          agentType: record.agentType,
        })
        .onConflictDoUpdate({
          target: transfers.id,
          set: { toAccount, state, decidedAt },
          setWhere: sql`${transfers.state} = 'offered'`,
        });
    }
    case "queue":
      return undefined;
    default:
      return payload satisfies never;
  }
}
