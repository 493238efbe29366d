/**
 * How counting a day's usage grows from 10,000 to 1,000,000 periods: `node test/bench/usage.ts [periods…]`.
 *
 * Runs the statements of src/usage on a local D1 (Miniflare), so rows and queries are what Cloudflare counts, and times are
 * this machine's: compare their ratios, and each with the limit it must stay far below.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_splitSqlQuery as splitSql } from "wrangler";
import type { freezeChunk } from "../../src/usage/freeze.ts";
import { runUsage } from "../../src/usage/run.ts";

const DAY = 86_400_000;
const MIDNIGHT = Date.UTC(2026, 10, 10);
const PERIODS_PER_INSTANCE = 10;
const MIGRATIONS = join(import.meta.dirname, "../../migrations");

type Db = Parameters<typeof freezeChunk>[0];

interface Measured {
  periods: number;
  run: string;
  instances: number;
  invocations: number;
  queries: number;
  slowestMs: number;
  totalMs: number;
  rowsRead: number;
  rowsWritten: number;
}

const sizes = process.argv.slice(2).map(Number);
const measured: Measured[] = [];
for (const periods of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) {
  measured.push(...(await measure(periods)));
}
report(measured);

async function measure(periods: number): Promise<Measured[]> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "bench",
      modules: [{ type: "ESModule", path: "index.js", contents: "export default {}" }],
      d1Databases: { DB: "usage-bench" },
    }),
  );
  try {
    // Miniflare's type is that of its own version of the same interface.
    const db = (await miniflare.getD1Database("DB")) as unknown as Db;
    await migrate(db);
    await seed(db, periods);
    return [
      // At 23:00 every period of the day is there and open ends are live: the largest hourly run.
      await time(db, { periods, run: "hourly, all day's periods", asOf: MIDNIGHT + DAY - 3_600_000 }),
      await time(db, { periods, run: "after midnight, closes day", asOf: MIDNIGHT + DAY + 1_200_000 }),
      await time(db, { periods, run: "the same again", asOf: MIDNIGHT + DAY + 1_200_000 }),
    ];
  } finally {
    await miniflare.dispose();
  }
}

async function time(
  db: Db,
  { periods, run, asOf }: { periods: number; run: string; asOf: number },
): Promise<Measured> {
  let slowestMs = 0;
  const timed = slowest(db, (ms) => {
    slowestMs = Math.max(slowestMs, ms);
  });
  const sum = { instances: 0, invocations: 0, queries: 0, totalMs: 0, rowsRead: 0, rowsWritten: 0 };
  for (let finished = false; !finished; ) {
    const silent = console.log;
    console.log = () => {};
    const part = await runUsage(timed, { asOf });
    console.log = silent;
    finished = part.finished;
    sum.instances += part.instances;
    sum.invocations++;
    sum.queries += part.queries;
    sum.totalMs += part.durationMs;
    sum.rowsRead += part.rowsRead;
    sum.rowsWritten += part.rowsWritten;
  }
  return { periods, run, slowestMs, ...sum };
}

/** The database, telling how long each batch took: an upper bound of each of its queries. */
function slowest(db: Db, tell: (ms: number) => void): Db {
  return {
    prepare: (sql: string) => db.prepare(sql),
    batch: async (statements: Parameters<Db["batch"]>[0]) => {
      const startedAt = performance.now();
      const results = await db.batch(statements);
      tell(performance.now() - startedAt);
      return results;
    },
  } as Db;
}

async function migrate(db: Db): Promise<void> {
  for (const name of readdirSync(MIGRATIONS).sort()) {
    const statements = splitSql(readFileSync(join(MIGRATIONS, name), "utf8"));
    await db.batch(statements.map((statement) => db.prepare(statement)));
  }
}

/** Ten periods per instance through one day, gapless, running and paused by turns; the last one stays open. */
async function seed(db: Db, periods: number): Promise<void> {
  const instances = Math.ceil(periods / PERIODS_PER_INSTANCE);
  const length = Math.floor(DAY / PERIODS_PER_INSTANCE);
  await db.prepare("INSERT INTO accounts (id, email, created_at) VALUES ('acc_1', 'bench', 0)").run();
  const spec = JSON.stringify({ cpuKind: "shared", cpus: 1, memoryMb: 2048, volumeGb: 5 });
  for (let from = 0; from < instances; from += 5_000) {
    const to = Math.min(instances, from + 5_000);
    const numbers = "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)";
    await db.batch([
      db
        .prepare(
          `${numbers} INSERT INTO instances (id, account_id, subdomain, name, agent_type, release, image, model_provider,
             model_name, provider, region, spec, exposure, access, labels, state, state_since, generation, version, created_at, updated_at)
           SELECT printf('cmp%08d', i), 'acc_1', printf('cl-%08d', i), 'x', 'aider', 'v1', 'x', 'openai', 'm', 'fly', 'iad', ?3,
             'public', 'link', '{}', 'running', 0, 1, 1, 0, 0 FROM n`,
        )
        .bind(from, to, spec),
      db
        .prepare(
          `${numbers}, s (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM s WHERE seq < ${PERIODS_PER_INSTANCE})
           INSERT INTO periods (instance_id, seq, account_id, state, meter, spec, started_at, ended_at, generation, reason, actor)
           SELECT printf('cmp%08d', i), seq, 'acc_1', 'running', iif(seq % 2 = 1, 'running', 'paused'), ?3,
             ${MIDNIGHT} + (seq - 1) * ${length} + CAST(i AS INTEGER) % 1000,
             iif(seq = ${PERIODS_PER_INSTANCE}, NULL, ${MIDNIGHT} + seq * ${length} + CAST(i AS INTEGER) % 1000), 1, 'bench', 'system'
           FROM n, s`,
        )
        .bind(from, to, spec),
    ]);
  }
}

function report(rows: Measured[]): void {
  console.log(
    "Local D1 (Miniflare). Limits of the platform: 30 s a query, 1,000 queries and 128 MB an invocation.",
  );
  const growth = (row: Measured, of: (row: Measured) => number) => {
    const smaller = rows.findLast((other) => other.run === row.run && other.periods < row.periods);
    return smaller && of(smaller) > 0 ? `x${(of(row) / of(smaller)).toFixed(1)}` : "";
  };
  console.table(
    rows.map((row) => ({
      periods: row.periods,
      run: row.run,
      instances: row.instances,
      invocations: row.invocations,
      queries: row.queries,
      "rows read": row.rowsRead,
      "read x": growth(row, (each) => each.rowsRead),
      "rows written": row.rowsWritten,
      "written x": growth(row, (each) => each.rowsWritten),
      "ms in all": Math.round(row.totalMs),
      "time x": growth(row, (each) => each.totalMs),
      "ms slowest batch": Math.round(row.slowestMs),
    })),
  );
}
