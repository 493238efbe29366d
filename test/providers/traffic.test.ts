/** Our client of the platform's SQL, against the local cloud's. */
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { ACCOUNT, TestCloudflare, TOKEN } from "../../src/localcloud/cloudflare/testing/vendor.ts";
import { askTraffic } from "../../src/traffic/client.ts";
import { columnOf, DATASET, type TrafficRow, toDataPoint } from "../../src/traffic/columns.ts";
import { trafficQuery } from "../../src/traffic/query.ts";

let cloudflare: TestCloudflare;
beforeAll(async () => {
  cloudflare = await TestCloudflare.start();
});
afterAll(() => cloudflare.close());
afterEach(async () => {
  await cloudflare.calm();
});

const HOUR_MS = 3_600_000;
const HOUR = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const FILTER = { instanceId: "cmp1", accountId: "acc_1", from: HOUR - HOUR_MS, to: HOUR + HOUR_MS };

const config = () => ({ apiUrl: cloudflare.vendor.url, accountId: ACCOUNT, token: TOKEN });
const ask = (over: object = {}) => askTraffic({ ...config(), ...over }, FILTER);

const ROW: TrafficRow = {
  instanceId: "cmp1",
  accountId: "acc_1",
  outcome: "forwarded",
  state: "running",
  method: "GET",
  protocol: "http",
  colo: "-",
  status: 200,
  firstByteMs: 10,
  bytesIn: 0,
  bytesOut: 100,
};

async function write(rows: (Partial<TrafficRow> & { at?: number; sampleInterval?: number })[]) {
  const points = rows.map(({ at = HOUR, sampleInterval = 1, ...row }) => ({
    at,
    sampleInterval,
    ...toDataPoint({ ...ROW, ...row }),
  }));
  const { status } = await cloudflare.call("POST", `/_control/datasets/${DATASET}`, points);
  if (status !== 204) throw new Error(`the rows were not taken: ${status}`);
}

describe("the columns", () => {
  it("stay where they are: rows of three months are read by these places", ({ expect }) => {
    const places = Object.keys(ROW).map((name) => [name, columnOf(name as keyof TrafficRow)]);
    expect(Object.fromEntries(places)).toEqual({
      instanceId: "index1",
      outcome: "blob1",
      state: "blob2",
      accountId: "blob3",
      method: "blob4",
      protocol: "blob5",
      colo: "blob6",
      status: "double1",
      firstByteMs: "double2",
      bytesIn: "double3",
      bytesOut: "double4",
    });
  });

  it("are read where they were written", ({ expect }) => {
    const { indexes, blobs, doubles } = toDataPoint(ROW);
    for (const [name, value] of Object.entries(ROW)) {
      const [, kind, place] = /^([a-z]+)(\d+)$/.exec(columnOf(name as keyof TrafficRow)) ?? [];
      const values = { index: indexes, blob: blobs, double: doubles }[kind as "blob"];
      expect(values[Number(place) - 1]).toBe(value);
    }
  });
});

describe("what an instance's traffic was", () => {
  it("is nothing before the first row of all", async ({ expect }) => {
    expect(await ask()).toEqual({ type: "ok", lines: [] });
  });

  it("is told by hour and outcome, of this instance and this account alone", async ({ expect }) => {
    await write([
      { firstByteMs: 10, bytesOut: 100 },
      { firstByteMs: 20, bytesOut: 200, method: "POST", bytesIn: 5 },
      { firstByteMs: 900, status: 500, bytesOut: 0 },
      { protocol: "websocket", status: 101, bytesOut: 0, firstByteMs: 12 },
      { outcome: "notice", state: "stopped", status: 502, bytesOut: 0, firstByteMs: 1 },
      { at: HOUR - 1 },
      { at: HOUR - HOUR_MS - 1 },
      { at: HOUR + HOUR_MS },
      { instanceId: "cmp2" },
      { accountId: "acc_2" },
    ]);
    const zero = { websockets: 0, errors: 0, bytesIn: 0, bytesOut: 0, widest: 1 };
    expect(await ask()).toEqual({
      type: "ok",
      lines: [
        {
          ...zero,
          hour: HOUR,
          outcome: "forwarded",
          requests: 4,
          websockets: 1,
          errors: 1,
          bytesIn: 5,
          bytesOut: 300,
          ...{ p50: 12, p95: 900, p99: 900 },
        },
        { ...zero, hour: HOUR, outcome: "notice", requests: 1, errors: 1, ...{ p50: 1, p95: 1, p99: 1 } },
        {
          ...zero,
          hour: HOUR - HOUR_MS,
          outcome: "forwarded",
          requests: 1,
          bytesOut: 100,
          ...{ p50: 10, p95: 10, p99: 10 },
        },
      ],
    });
  });

  it("is weighed by how many requests a row stands for", async ({ expect }) => {
    const filter = { ...FILTER, instanceId: "cmp-busy" };
    await write([
      { instanceId: "cmp-busy", firstByteMs: 10, bytesOut: 7, sampleInterval: 98 },
      { instanceId: "cmp-busy", firstByteMs: 500, status: 503, bytesOut: 0, sampleInterval: 2 },
    ]);
    expect(await askTraffic(config(), filter)).toMatchObject({
      type: "ok",
      lines: [{ requests: 100, errors: 2, bytesOut: 686, p50: 10, p95: 10, p99: 500, widest: 98 }],
    });
  });

  it("tells what may be tried again from what may not, and repeats no token", async ({ expect }) => {
    expect(await ask({ token: "of-a-stranger" })).toMatchObject({ type: "refused", isUnauthorized: true });
    await cloudflare.fault({ kind: "error_before", match: { method: "POST", count: 1 } });
    expect(await ask()).toMatchObject({ type: "unavailable" });
    await cloudflare.fault({ kind: "rate_limit", match: { method: "POST", count: 1 } });
    expect(await ask()).toMatchObject({ type: "unavailable", retryAfterMs: expect.any(Number) });
    const nobody = await ask({ apiUrl: "http://127.0.0.1:9", token: "token-of-ours" });
    expect(nobody.type).toBe("unavailable");
    expect(JSON.stringify(nobody)).not.toContain("token-of-ours");
  });

  it("asks for no id that could be more than an id", ({ expect }) => {
    expect(() => trafficQuery({ ...FILTER, instanceId: "a' OR '1' = '1" })).toThrow("id");
    expect(() => trafficQuery({ ...FILTER, accountId: "" })).toThrow("id");
  });
});
