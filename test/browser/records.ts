/** The files that a stack's records lie in, opened beside the running Worker: for what no clock and no hand could make in a test's time. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Every database below a stack's state that has this table. Whoever opens them closes them. */
export function databasesWith(table: string, state: string): DatabaseSync[] {
  const folder = join(state, "worker");
  const found: DatabaseSync[] = [];
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".sqlite")) continue;
    const database = new DatabaseSync(join(folder, file), { timeout: 10_000 });
    if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table)) found.push(database);
    else database.close();
  }
  return found;
}

/** Does something with the records that people query (D1), in one transaction. */
export function withRecords<T>(state: string, work: (records: DatabaseSync) => T): T {
  const [records] = databasesWith("accounts", state);
  if (!records) throw new Error(`no records below ${state}`);
  try {
    records.exec("BEGIN IMMEDIATE");
    const result = work(records);
    records.exec("COMMIT");
    return result;
  } finally {
    records.close();
  }
}
