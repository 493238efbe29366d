import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { unstable_splitSqlQuery as splitSql } from "wrangler";
import type { LocalSecrets } from "./state.ts";

type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/** Applies what is missing of `migrations/`, each in one batch, and notes it where `wrangler d1 migrations` does. */
export async function applyMigrations(db: Database, dir: string): Promise<string[]> {
  await db
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TEXT)",
    )
    .run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const done = new Set(results.map((row) => row.name));
  const missing = readdirSync(dir)
    .filter((name) => name.endsWith(".sql") && !done.has(name))
    .sort();
  for (const name of missing) {
    const statements = splitSql(readFileSync(join(dir, name), "utf8")).map((statement) =>
      db.prepare(statement),
    );
    const note = db
      .prepare("INSERT INTO d1_migrations (name, applied_at) VALUES (?, ?)")
      .bind(name, new Date().toISOString());
    await db.batch([...statements, note]);
  }
  return missing;
}

/** One account and its first token, so that everything works without signing up. */
export async function seedAccount(db: Database, secrets: LocalSecrets): Promise<void> {
  const now = Date.now();
  await db.batch([
    db
      .prepare(
        "INSERT INTO accounts (id, email, name, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      )
      .bind(secrets.accountId, "you@localhost", "You", now),
    db
      .prepare(
        "INSERT INTO tokens (id, account_id, name, prefix, hash, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      )
      .bind(
        "tok_local",
        secrets.accountId,
        "local stack",
        secrets.token.slice(0, "gn_live_".length + 6),
        createHash("sha256").update(secrets.token).digest("hex"),
        now,
      ),
  ]);
}
