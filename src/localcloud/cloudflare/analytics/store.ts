/** Data points, kept in a file and asked about in SQL. Nothing is sampled unless a point says that it stands for several. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { badQuery } from "../errors.ts";
import { quantileExactWeighted } from "./quantile.ts";
import { translate } from "./sql.ts";

export interface DataPoint {
  /** Epoch milliseconds. */
  at: number;
  index: string;
  blobs: string[];
  doubles: number[];
  /** How many it stands for. */
  sampleInterval: number;
}

export interface Answer {
  meta: { name: string; type: string }[];
  data: Record<string, string | number>[];
  rows: number;
}

const WIDTH = 20;
const RETENTION_SECONDS = 92 * 86_400;
const NAMES = Array.from({ length: WIDTH }, (_, at) => at + 1);

interface Weighed {
  level: number;
  values: [value: number, weight: number][];
}

export class AnalyticsStore {
  private readonly db: DatabaseSync;
  private readonly insert: StatementSync;

  /** @param file `:memory:` keeps nothing. */
  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.db = new DatabaseSync(file);
    const columns = [...NAMES.map((n) => `blob${n} TEXT`), ...NAMES.map((n) => `double${n} REAL`)].join(", ");
    // Written beside everything else that happens here: it must not wait for a disk.
    this.db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
      CREATE TABLE IF NOT EXISTS points
        (dataset TEXT NOT NULL, timestamp INTEGER NOT NULL, _sample_interval INTEGER NOT NULL, index1 TEXT NOT NULL, ${columns});
      CREATE INDEX IF NOT EXISTS points_by_index ON points (dataset, index1, timestamp);`);
    this.db
      .prepare("DELETE FROM points WHERE timestamp < ?")
      .run(Math.floor(Date.now() / 1000) - RETENTION_SECONDS);
    const places = Array.from({ length: 4 + 2 * WIDTH }, () => "?").join(", ");
    this.insert = this.db.prepare(`INSERT INTO points VALUES (${places})`);
    this.addFunctions();
  }

  add(dataset: string, points: readonly DataPoint[]): void {
    this.db.exec("BEGIN");
    for (const { at, index, blobs, doubles, sampleInterval } of points) {
      this.insert.run(
        dataset,
        Math.floor(at / 1000),
        sampleInterval,
        index,
        ...NAMES.map((n) => blobs[n - 1] ?? ""),
        ...NAMES.map((n) => doubles[n - 1] ?? 0),
      );
    }
    this.db.exec("COMMIT");
  }

  datasets(): string[] {
    const rows = this.db.prepare("SELECT DISTINCT dataset FROM points ORDER BY dataset").all();
    return rows.map(({ dataset }) => String(dataset));
  }

  /** @throws CloudflareError for what is not understood. */
  ask(query: string): Answer {
    if (/^\s*SHOW\s+TABLES\b/i.test(query)) {
      const data = this.datasets().map((dataset) => ({ dataset, type: "Dataset" }));
      const meta = ["dataset", "type"].map((name) => ({ name, type: "String" }));
      return { meta, data, rows: data.length };
    }
    const { sql, dataset, columns } = translate(query);
    if (!this.datasets().includes(dataset)) throw badQuery(`there is no dataset ${dataset}`);
    const data = this.run(sql).map((row) =>
      Object.fromEntries(columns.map(({ name, isSum }) => [name, shown(row[name], isSum)])),
    );
    const meta = columns.map(({ name }) => ({ name, type: typeOf(data[0]?.[name]) }));
    return { meta, data, rows: data.length };
  }

  close(): void {
    this.db.close();
  }

  private run(sql: string): Record<string, unknown>[] {
    try {
      const statement = this.db.prepare(sql);
      statement.setReadBigInts(true);
      return statement.all() as Record<string, unknown>[];
    } catch (error) {
      throw badQuery(error instanceof Error ? error.message : String(error));
    }
  }

  /** Times are seconds here, so that the vendor's conversions have little to do. */
  private addFunctions(): void {
    const pure = { deterministic: true };
    this.db.function("now", () => Math.floor(Date.now() / 1000));
    this.db.function("to_datetime", pure, (seconds) => whole(seconds));
    this.db.function("to_unix_timestamp", pure, (seconds) => whole(seconds));
    this.db.function("to_start_of_interval", pure, (seconds, interval) => {
      const at = Number(seconds);
      return whole(at - (at % Number(interval)));
    });
    // Its types know only what SQLite can store; what is carried from row to row may be anything.
    const quantile = {
      start: (): Weighed => ({ level: 0, values: [] }),
      step: (state: Weighed, level: unknown, value: unknown, weight: unknown): Weighed => {
        state.level = Number(level);
        state.values.push([Number(value), Number(weight)]);
        return state;
      },
      result: ({ level, values }: Weighed) => quantileExactWeighted(level, values),
    };
    this.db.aggregate(
      "quantile_exact_weighted",
      quantile as unknown as Parameters<DatabaseSync["aggregate"]>[1],
    );
  }
}

/** As the vendor writes 64 bits: in quotes, because JavaScript's numbers cannot hold them. */
function shown(value: unknown, isSum: boolean): string | number {
  if (typeof value === "bigint") return isSum ? String(value) : Number(value);
  return value as string | number;
}

/** Of a function's answer SQLite cannot know that it is a whole number, unless it is told. */
function whole(value: unknown): bigint {
  return BigInt(Math.floor(Number(value)));
}

function typeOf(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? "UInt32" : "Float64";
  return typeof value === "string" && /^\d+$/.test(value) ? "UInt64" : "String";
}
