import type { AgentReport, HostLogLine, LogBatch } from "../host/protocol.ts";
import { isBorn, migrate } from "../instance/migrations.ts";
import { HOST_MIGRATIONS } from "./migrations.ts";

/** What is kept of a log: enough to see what went wrong last, not an archive. */
const KEPT_LINES = 2_000;
const KEPT_CHARACTERS = 2_000_000;

type HostRow = {
  public_key: string;
  enrolled_at: number;
  refused_at: number | null;
  agent: string | null;
  seen_at: number | null;
  log_run: string | null;
  log_seq: number | null;
  log_next: number;
};

export interface StoredHost {
  publicKey: string;
  /** When an enrolment with another key was last written down as refused. */
  refusedAt: number | null;
  agent: AgentReport | null;
  seenAt: number | null;
}

/** The object's SQLite, typed. Nothing is written before an enrolment, so a made-up id leaves nothing behind. */
export class HostStore {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    if (isBorn(sql)) {
      migrate(sql, HOST_MIGRATIONS);
    }
  }

  host(): StoredHost | undefined {
    const row = this.row();
    return (
      row && {
        publicKey: row.public_key,
        refusedAt: row.refused_at,
        agent: row.agent === null ? null : (JSON.parse(row.agent) as AgentReport),
        seenAt: row.seen_at,
      }
    );
  }

  enrol(publicKey: string, now: number): void {
    migrate(this.sql, HOST_MIGRATIONS);
    this.sql.exec("INSERT INTO host (id, public_key, enrolled_at) VALUES (1, ?, ?)", publicKey, now);
  }

  markRefused(now: number): void {
    this.sql.exec("UPDATE host SET refused_at = ?", now);
  }

  setAgent(agent: AgentReport | null, now: number): void {
    const body = agent === null ? null : JSON.stringify(agent);
    this.sql.exec("UPDATE host SET agent = ?, seen_at = ?", body, now);
  }

  setSeen(now: number): void {
    this.sql.exec("UPDATE host SET seen_at = ?", now);
  }

  /** Adds a batch, or finds that it was added already. Beyond what is kept, the oldest batches go. */
  appendLogs({ run, seq, lines }: Pick<LogBatch, "run" | "seq" | "lines">): void {
    const row = this.row();
    if (!row || (row.log_run === run && row.log_seq !== null && seq <= row.log_seq)) {
      return;
    }
    const next = row.log_next + lines.length;
    this.sql.exec("UPDATE host SET log_run = ?, log_seq = ?, log_next = ?", run, seq, next);
    if (lines.length > 0) {
      this.sql.exec(
        "INSERT INTO log_batches (first, count, body) VALUES (?, ?, ?)",
        row.log_next,
        lines.length,
        JSON.stringify(lines),
      );
    }
    this.sql.exec("DELETE FROM log_batches WHERE first + count <= ?", next - KEPT_LINES);
    this.sql.exec(
      `DELETE FROM log_batches WHERE first IN (
         SELECT first FROM (SELECT first, sum(length(body)) OVER (ORDER BY first DESC) AS newer FROM log_batches)
         WHERE newer > ?)`,
      KEPT_CHARACTERS,
    );
  }

  /** The kept lines from number `from` on, and the number that the next one will have. */
  logsFrom(from: number): { lines: HostLogLine[]; next: number } {
    const next = this.row()?.log_next ?? 0;
    // A number from before a new enrolment means nothing here.
    const begin = from > next ? 0 : from;
    const lines = !isBorn(this.sql)
      ? []
      : this.sql
          .exec<{ first: number; body: string }>(
            "SELECT first, body FROM log_batches WHERE first + count > ? ORDER BY first",
            begin,
          )
          .toArray()
          .flatMap(({ first, body }) =>
            (JSON.parse(body) as HostLogLine[]).slice(Math.max(0, begin - first)),
          );
    return { lines, next };
  }

  private row(): HostRow | undefined {
    return isBorn(this.sql) ? this.sql.exec<HostRow>("SELECT * FROM host").toArray()[0] : undefined;
  }
}
