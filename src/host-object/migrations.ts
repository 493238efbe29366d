/** The object's own tables. Append only: applied in order, each once; a step that was ever shipped is never edited. */
export const HOST_MIGRATIONS: readonly string[] = [
  `CREATE TABLE host (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     public_key TEXT NOT NULL,
     enrolled_at INTEGER NOT NULL,
     refused_at INTEGER,
     agent TEXT,
     seen_at INTEGER,
     log_run TEXT,
     log_seq INTEGER,
     log_next INTEGER NOT NULL DEFAULT 0
   );
   CREATE TABLE log_batches (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, body TEXT NOT NULL);`,
];
