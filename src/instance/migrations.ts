/** The object's own tables. Append only: applied in order, each once; a step that was ever shipped is never edited. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE record (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
   CREATE TABLE periods (
     seq INTEGER PRIMARY KEY,
     state TEXT NOT NULL,
     meter TEXT NOT NULL,
     spec TEXT NOT NULL,
     started_at INTEGER NOT NULL,
     ended_at INTEGER,
     generation INTEGER NOT NULL,
     reason TEXT NOT NULL,
     actor TEXT NOT NULL
   );
   CREATE UNIQUE INDEX periods_one_open ON periods ((ended_at IS NULL)) WHERE ended_at IS NULL;
   CREATE TABLE outbox (
     kind TEXT NOT NULL,
     key TEXT NOT NULL,
     revision INTEGER NOT NULL,
     due_at INTEGER NOT NULL,
     payload TEXT NOT NULL,
     PRIMARY KEY (kind, key)
   );
   CREATE TABLE tickets (hash TEXT PRIMARY KEY, expires_at INTEGER NOT NULL, actor TEXT NOT NULL);`,
  "CREATE TABLE audit_head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL)",
  `ALTER TABLE periods ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
   UPDATE periods SET account_id = (SELECT json_extract(body, '$.accountId') FROM record);`,
  `CREATE TABLE transfers (id TEXT PRIMARY KEY, state TEXT NOT NULL, expires_at INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE UNIQUE INDEX transfers_one_open ON transfers (state) WHERE state = 'offered';`,
  "CREATE TABLE work (id TEXT PRIMARY KEY, reason TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID",
];

/**
 * Brings the tables up to date. Nothing is written before the first instance is created here, so that a request for a
 * made-up id leaves nothing behind: call it with `create` only then.
 */
export function migrate(sql: SqlStorage, steps: readonly string[] = MIGRATIONS): void {
  sql.exec("CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY)");
  const done = sql.exec<{ n: number }>("SELECT count(*) AS n FROM migrations").one().n;
  steps.slice(done).forEach((statement, offset) => {
    sql.exec(statement);
    sql.exec("INSERT INTO migrations (step) VALUES (?)", done + offset);
  });
}

export function isBorn(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").toArray().length > 0;
}
