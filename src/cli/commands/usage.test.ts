import { afterEach, expect, test } from "vitest";
import { ID, type Routes, type Scene, sendJson, startScene } from "../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const quantities = (seconds: number) => ({
  runningSeconds: seconds,
  pausedSeconds: 0,
  volumeGbSeconds: seconds,
  costMicros: 12_300,
  estimated: true,
});
const row = (over: object = {}) => ({
  day: "2026-11-10",
  instanceId: null,
  name: null,
  ...quantities(3600),
  final: true,
  countedTo: null,
  reopened: false,
  ...over,
});
const page = (usage: object[]) => ({
  usage,
  total: quantities(3600),
  countedTo: "2026-11-12T00:00:00.000Z",
  rateCards: [
    {
      version: "fly-2025-08-19",
      provider: "fly",
      source: "https://fly.io/docs/about/pricing/",
      billsWhileOff: false,
    },
    { version: "hetzner-1", provider: "hetzner", source: "https://docs.hetzner.com/", billsWhileOff: true },
  ],
  nextCursor: null,
});
const period = {
  instanceId: ID,
  seq: 1,
  state: "running",
  meter: "running",
  spec: { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 1 },
  startedAt: "2026-11-10T00:00:00.000Z",
  endedAt: "2026-11-10T01:00:00.000Z",
  supersededAt: null,
};

test("shows days, a total, and that the cost is an estimate", async () => {
  const { run } = await given({
    "GET /api/usage": (_request, response) => sendJson(response, 200, page([row()])),
  });
  const result = await run(["usage"]);
  expect(result.code).toBe(0);
  expect(result.stdout).toMatch(/^DAY {9}RUNNING {2}PAUSED {2}VOLUME GB-H {2}EST. COST$/m);
  expect(result.stdout).toMatch(/^2026-11-10 {2}1h {7}0s {6}1\.00 {9}~\$0\.0123$/m);
  expect(result.stderr).toContain("estimates");
  expect(result.stderr).toContain("Nothing is debited");
  expect(result.stderr).toContain("A stopped machine costs as much as a running one at: hetzner.");
});

test("passes on days and grouping, and CSV as it is", async () => {
  const { run, api } = await given({
    "GET /api/usage": (_request, response) => {
      response.writeHead(200, { "content-type": "text/csv" });
      response.end("day\r\n2026-11-10\r\n");
    },
  });
  const result = await run(["usage", "--from", "2026-11-01", "--by", "instance", "--csv"]);
  expect(result).toMatchObject({ code: 0, stdout: "day\r\n2026-11-10\r\n" });
  expect(api.requests[0]?.headers.accept).toBe("text/csv");
  expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({
    from: "2026-11-01",
    groupBy: "instance",
  });
});

test("refuses another grouping without asking", async () => {
  const { run, api } = await given({});
  expect((await run(["usage", "--by", "moon"])).code).toBe(2);
  expect(api.requests).toEqual([]);
});

test("verify is 0 when all match, and 1 with the exact difference when one does not", async () => {
  let recorded = 3600;
  const { run } = await given({
    "GET /api/usage": (_request, response) =>
      sendJson(
        response,
        200,
        page([
          row({
            instanceId: ID,
            runningSeconds: recorded,
            volumeGbSeconds: 3600,
            countedTo: "2026-11-11T00:00:00.000Z",
          }),
        ]),
      ),
    "GET /api/usage/periods": (_request, response) =>
      sendJson(response, 200, { periods: [period], nextCursor: null }),
  });
  const args = ["usage", "--verify", "--from", "2026-11-01", "--to", "2026-11-20"];
  const good = await run(args);
  expect(good).toMatchObject({ code: 0, stdout: `ok    2026-11-10  ${ID}\n` });
  recorded = 3600.001;
  const bad = await run(args);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toBe(`DIFF  2026-11-10  ${ID}  runningMs +1 (recorded 3600001, recomputed 3600000)\n`);
});

test("compute usage shows one instance", async () => {
  const { run } = await given({
    [`GET /api/instances/${ID}/usage`]: (_request, response) =>
      sendJson(response, 200, page([row({ instanceId: ID, final: false })])),
  });
  const result = await run(["compute", "usage", ID]);
  expect(result.code).toBe(0);
  expect(result.stdout).toContain("2026-11-10 (so far)");
});
