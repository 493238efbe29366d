import type { Actor } from "../audit/actor.ts";
import { type ChainedEntry, GENESIS, type Head } from "../audit/chain.ts";
import type { MachineSpec } from "../providers/provider.ts";
import type { Activity } from "./activity.ts";
import type { ProvisioningMessage } from "./job.ts";
import { type InstanceRecord, type Period, RECORD_DEFAULTS, type View } from "./record.ts";
import type { Meter, State } from "./states.ts";
import type { Transfer } from "./transfer.ts";

/** What waits to leave the object. Entries of one kind and key replace each other: only the latest matters. */
export type OutboxPayload =
  | { kind: "queue"; message: ProvisioningMessage }
  | { kind: "instance" }
  | { kind: "period"; seq: number }
  | { kind: "audit"; entry: ChainedEntry }
  | { kind: "transfer"; id: string };

export interface OutboxEntry {
  key: string;
  revision: number;
  dueAt: number;
  payload: OutboxPayload;
}

export interface TicketGrant {
  expiresAt: number;
  accountId: string;
  actor: Actor;
  /** Absent: it was not asked for by a session. */
  sessionId?: string;
}

type PeriodRow = {
  seq: number;
  account_id: string;
  state: string;
  meter: string;
  spec: string;
  started_at: number;
  ended_at: number | null;
  generation: number;
  reason: string;
  actor: string;
};

/** The object's SQLite, typed. Every method is one statement; transactions are the caller's. */
export class InstanceStore {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  readView(): View | undefined {
    const row = this.sql.exec<{ body: string }>("SELECT body FROM record").toArray()[0];
    if (!row) {
      return undefined;
    }
    const open = this.sql
      .exec<{ state: string; started_at: number }>(
        // A change of meter splits a state into several periods; the state began with the first of them. For a new
        // owner it began when the instance became theirs.
        `SELECT state, (SELECT min(started_at) FROM periods WHERE seq > coalesce(
           (SELECT max(seq) FROM periods p WHERE p.state <> o.state OR p.account_id <> o.account_id), 0)) AS started_at
         FROM periods o WHERE ended_at IS NULL`,
      )
      .one();
    return {
      record: { ...RECORD_DEFAULTS, ...(JSON.parse(row.body) as InstanceRecord) },
      state: open.state as State,
      since: open.started_at,
      work: this.longestWork(),
    };
  }

  writeRecord(record: InstanceRecord): void {
    this.sql.exec(
      "INSERT INTO record (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      JSON.stringify(record),
    );
  }

  openPeriod(): Period | undefined {
    return this.sql
      .exec<PeriodRow>("SELECT * FROM periods WHERE ended_at IS NULL")
      .toArray()
      .map(toPeriod)[0];
  }

  period(seq: number): Period | undefined {
    return this.sql.exec<PeriodRow>("SELECT * FROM periods WHERE seq = ?", seq).toArray().map(toPeriod)[0];
  }

  periodsAfter(accountId: string, seq: number, limit: number): Period[] {
    return this.sql
      .exec<PeriodRow>(
        "SELECT * FROM periods WHERE account_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        accountId,
        seq,
        limit,
      )
      .toArray()
      .map(toPeriod);
  }

  closePeriod(seq: number, endedAt: number): void {
    this.sql.exec("UPDATE periods SET ended_at = ? WHERE seq = ? AND ended_at IS NULL", endedAt, seq);
  }

  insertPeriod(period: Period): void {
    this.sql.exec(
      `INSERT INTO periods (seq, account_id, state, meter, spec, started_at, ended_at, generation, reason, actor)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      period.seq,
      period.accountId,
      period.state,
      period.meter,
      JSON.stringify(period.spec),
      period.startedAt,
      period.endedAt,
      period.generation,
      period.reason,
      period.actor,
    );
  }

  putWork(id: string, { reason, until }: Activity): void {
    this.sql.exec("INSERT OR REPLACE INTO work (id, reason, until) VALUES (?, ?, ?)", id, reason, until);
  }

  /** This one, and what is over. */
  dropWork(id: string | undefined, now: number): Activity[] {
    const query = "DELETE FROM work WHERE id = ? OR until <= ? RETURNING reason, until";
    return this.sql.exec<{ reason: string; until: number }>(query, id ?? null, now).toArray();
  }

  dropAllWork(): void {
    this.sql.exec("DELETE FROM work");
  }

  longestWork(): Activity | undefined {
    const query = "SELECT reason, until FROM work ORDER BY until DESC LIMIT 1";
    return this.sql.exec<{ reason: string; until: number }>(query).toArray()[0];
  }

  work(id: string): Activity | undefined {
    const query = "SELECT reason, until FROM work WHERE id = ?";
    return this.sql.exec<{ reason: string; until: number }>(query, id).toArray()[0];
  }

  putTicket(hash: string, grant: TicketGrant): void {
    this.sql.exec(
      "INSERT INTO tickets (hash, expires_at, actor) VALUES (?, ?, ?)",
      hash,
      grant.expiresAt,
      JSON.stringify({ accountId: grant.accountId, actor: grant.actor, sessionId: grant.sessionId }),
    );
  }

  dropTickets(): void {
    this.sql.exec("DELETE FROM tickets");
  }

  /** Taken once; those that have expired go with it. */
  takeTicket(hash: string, now: number): TicketGrant | undefined {
    this.sql.exec("DELETE FROM tickets WHERE expires_at <= ?", now);
    const [row] = this.sql
      .exec<{ expires_at: number; actor: string }>(
        "DELETE FROM tickets WHERE hash = ? RETURNING expires_at, actor",
        hash,
      )
      .toArray();
    return (
      row && {
        expiresAt: row.expires_at,
        ...(JSON.parse(row.actor) as Omit<TicketGrant, "expiresAt">),
      }
    );
  }

  putTransfer(transfer: Transfer): void {
    this.sql.exec(
      `INSERT INTO transfers (id, state, expires_at, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body`,
      transfer.id,
      transfer.state,
      transfer.expiresAt,
      JSON.stringify(transfer),
    );
  }

  transfer(id: string): Transfer | undefined {
    return this.transfers("SELECT body FROM transfers WHERE id = ?", id)[0];
  }

  openTransfer(): Transfer | undefined {
    return this.transfers("SELECT body FROM transfers WHERE state = 'offered'")[0];
  }

  private transfers(query: string, ...values: string[]): Transfer[] {
    return this.sql
      .exec<{ body: string }>(query, ...values)
      .toArray()
      .map(({ body }) => JSON.parse(body) as Transfer);
  }

  /** The last event of this instance's chain, delivered or not. */
  auditHead(): Head {
    return (
      this.sql.exec<{ seq: number; hash: string }>("SELECT seq, hash FROM audit_head").toArray()[0] ?? GENESIS
    );
  }

  /** The next event of the chain. Its key sorts as its place does, so that a backlog leaves in order. */
  appendAudit(entry: ChainedEntry, now: number): void {
    this.sql.exec(
      "INSERT INTO audit_head (id, seq, hash) VALUES (1, ?1, ?2) ON CONFLICT (id) DO UPDATE SET seq = ?1, hash = ?2",
      entry.seq,
      entry.hash,
    );
    this.putOutbox(String(entry.seq).padStart(12, "0"), { kind: "audit", entry }, now);
  }

  hasUndeliveredAudit(): boolean {
    return this.sql.exec("SELECT 1 FROM outbox WHERE kind = 'audit' LIMIT 1").toArray().length > 0;
  }

  putOutbox(key: string, payload: OutboxPayload, dueAt: number): void {
    this.sql.exec(
      `INSERT INTO outbox (kind, key, revision, due_at, payload) VALUES (?, ?, 1, ?, ?)
       ON CONFLICT (kind, key) DO UPDATE SET revision = revision + 1, due_at = excluded.due_at, payload = excluded.payload`,
      payload.kind,
      key,
      dueAt,
      JSON.stringify(payload),
    );
  }

  /** With one audit event go all before it, also those that were put off: the records never show a gap. */
  dueOutbox(now: number, limit: number): OutboxEntry[] {
    return this.sql
      .exec<{ key: string; revision: number; due_at: number; payload: string }>(
        `SELECT key, revision, due_at, payload FROM outbox
         WHERE due_at <= ?1 OR (kind = 'audit' AND EXISTS (SELECT 1 FROM outbox WHERE kind = 'audit' AND due_at <= ?1))
         ORDER BY CASE kind WHEN 'queue' THEN 0 WHEN 'audit' THEN 1 ELSE 2 END, key LIMIT ?2`,
        now,
        limit,
      )
      .toArray()
      .map((row) => ({
        key: row.key,
        revision: row.revision,
        dueAt: row.due_at,
        payload: JSON.parse(row.payload),
      }));
  }

  nextOutboxDue(): number | undefined {
    return (
      this.sql.exec<{ due: number | null }>("SELECT min(due_at) AS due FROM outbox").one().due ?? undefined
    );
  }

  /** Only if it was not replaced while it was being delivered. */
  dropOutbox(entry: OutboxEntry): void {
    this.sql.exec(
      "DELETE FROM outbox WHERE kind = ? AND key = ? AND revision = ?",
      entry.payload.kind,
      entry.key,
      entry.revision,
    );
  }

  postponeOutbox(entry: OutboxEntry, dueAt: number): void {
    this.sql.exec(
      "UPDATE outbox SET due_at = ? WHERE kind = ? AND key = ? AND revision = ?",
      dueAt,
      entry.payload.kind,
      entry.key,
      entry.revision,
    );
  }
}

function toPeriod(row: PeriodRow): Period {
  return {
    seq: row.seq,
    accountId: row.account_id,
    state: row.state as State,
    meter: row.meter as Meter,
    spec: JSON.parse(row.spec) as MachineSpec,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    generation: row.generation,
    reason: row.reason,
    actor: row.actor,
  };
}
