/** The analytics dataset: what is written is found again by the vendor's own SQL, and what is not that is refused. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { quantileExactWeighted } from "./analytics/quantile.ts";
import { ACCOUNT, TestCloudflare } from "./testing/vendor.ts";

let cloudflare: TestCloudflare;
beforeAll(async () => {
  cloudflare = await TestCloudflare.start();
});
afterAll(() => cloudflare.close());

const HOUR = Date.UTC(2026, 10, 20, 12);
const ask = async (query: string, token?: string) => {
  const url = `${cloudflare.vendor.url}/accounts/${ACCOUNT}/analytics_engine/sql`;
  const headers = { authorization: `Bearer ${token ?? "cloudflare-test-token-123456"}` };
  const response = await fetch(url, { method: "POST", headers, body: query });
  return { status: response.status, body: (await response.json()) as any };
};
const write = (dataset: string, points: object[]) =>
  cloudflare.call("POST", `/_control/datasets/${dataset}`, points);
const point = (minutes: number, index: string, outcome: string, ms: number, more: object = {}) => ({
  at: HOUR + minutes * 60_000,
  indexes: [index],
  blobs: [outcome],
  doubles: [ms],
  ...more,
});

describe("a dataset", () => {
  it("is there when something was written, and answers by hour, weighed by what each row stands for", async ({
    expect,
  }) => {
    expect((await ask("SELECT count() AS n FROM edge")).status).toBe(422);
    const written = await write("edge", [
      point(1, "a", "ok", 10),
      point(2, "a", "ok", 30, { sampleInterval: 9 }),
      point(59, "a", "bad", 5),
      point(61, "a", "ok", 7),
      point(3, "b", "ok", 1_000),
    ]);
    expect(written.status).toBe(204);
    const { status, body } = await ask(`
      SELECT toUnixTimestamp(toStartOfInterval(timestamp, INTERVAL '1' HOUR)) AS hour, blob1 AS outcome,
        SUM(_sample_interval) AS requests, SUM(_sample_interval * double1) AS ms,
        SUM(if(double1 >= 30, _sample_interval, 0)) AS slow, MAX(_sample_interval) AS widest,
        quantileExactWeighted(0.5)(double1, _sample_interval) AS p50
      FROM edge
      WHERE index1 = 'a' AND timestamp >= toDateTime(${HOUR / 1000}) AND timestamp < toDateTime(${HOUR / 1000 + 7200})
      GROUP BY hour, outcome
      ORDER BY hour, outcome
      LIMIT 10
      FORMAT JSON`);
    expect(status).toBe(200);
    const hour = HOUR / 1000;
    expect(body.data).toEqual([
      { hour, outcome: "bad", requests: "1", ms: 5, slow: "0", widest: 1, p50: 5 },
      { hour, outcome: "ok", requests: "10", ms: 280, slow: "9", widest: 9, p50: 30 },
      { hour: hour + 3600, outcome: "ok", requests: "1", ms: 7, slow: "0", widest: 1, p50: 7 },
    ]);
    expect(body.rows).toBe(3);
    expect((await ask("SHOW TABLES")).body.data).toEqual([{ dataset: "edge", type: "Dataset" }]);
  });

  it("is still there after a restart, apart from others", async ({ expect }) => {
    await write("kept", [point(0, "a", "ok", 1)]);
    await cloudflare.restart();
    expect((await ask("SELECT count() AS n FROM kept")).body.data).toEqual([{ n: "1" }]);
  });

  it.for([
    ["another statement", "DELETE FROM kept"],
    ["a second one", "SELECT blob1 FROM kept; DROP TABLE points"],
    ["a function of SQLite's own", "SELECT substr(blob1, 1) AS x FROM kept"],
    ["a table of SQLite's own", "SELECT blob1 FROM sqlite_master"],
    ["a column that is none", "SELECT blob21 FROM kept"],
    ["a join", "SELECT blob1 FROM kept JOIN edge"],
    [
      "a quantile without its level",
      "SELECT quantileExactWeighted(double1, _sample_interval) AS p FROM kept",
    ],
    ["a column without a name", "SELECT SUM(double1) FROM kept"],
    ["a comment", "SELECT blob1 -- all\nFROM kept"],
  ])("refuses %s", async ([, query], { expect }) => {
    expect((await ask(query as string)).status).toBe(422);
  });

  it("is for those with the token, and takes no more than the vendor takes", async ({ expect }) => {
    expect((await ask("SHOW TABLES", "other")).status).toBe(401);
    const big = { indexes: ["x".repeat(97)], blobs: [], doubles: [] };
    expect((await write("kept", [big])).status).toBe(400);
    expect((await write("kept", [{ blobs: Array(21).fill("") }])).status).toBe(400);
    expect((await write("kept", [{ blobs: ["x".repeat(16 * 1024 + 1)] }])).status).toBe(400);
  });
});

describe("a weighted quantile", () => {
  it("counts each value as often as it weighs", ({ expect }) => {
    const values = (): [number, number][] => [
      [30, 1],
      [10, 98],
      [20, 1],
    ];
    expect([0.5, 0.98, 0.99, 1].map((level) => quantileExactWeighted(level, values()))).toEqual([
      10, 10, 20, 30,
    ]);
  });
});
