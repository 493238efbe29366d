import { afterEach, expect, test } from "vitest";
import { ID, type Scene, sendJson, startScene } from "../../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

const PATH = `/api/instances/${ID}/traffic`;
const quiet = { requests: 0, websockets: 0, errors: 0, bytesIn: 0, bytesOut: 0 };
const busy = { requests: 1200, websockets: 3, errors: 12, bytesIn: 999, bytesOut: 5_400_000 };
const ANSWER = {
  traffic: [
    { hour: "2026-11-20T10:00:00.000Z", ...busy, latencyMs: { p50: 12, p95: 80.4, p99: 900 } },
    { hour: "2026-11-20T09:00:00.000Z", ...quiet, latencyMs: null },
    { hour: "2026-11-20T08:00:00.000Z", ...quiet, requests: 1, errors: 1, latencyMs: null },
  ],
  total: { ...busy, requests: 1201, errors: 13 },
  from: "2026-11-20T08:00:00.000Z",
  to: "2026-11-20T11:00:00.000Z",
  sampled: true,
};

async function given(answer: object = ANSWER): Promise<Scene> {
  scene = await startScene({ [`GET ${PATH}`]: (_request, response) => sendJson(response, 200, answer) });
  return scene;
}

test("shows the hours in which something happened, with a bar each, and says what the numbers are", async () => {
  const { run } = await given();
  const { stdout, stderr, code } = await run(["compute", "traffic", ID]);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^2026-11-20 10:00 +1200 +█{16} +3 +12 +999 B +5\.4 MB +12 ms +80 ms +900 ms$/);
  expect(lines[2]).toMatch(/^2026-11-20 08:00 +1 +▏ +0 +1 +0 B +0 B +- +- +-$/);
  expect(lines[3]).toMatch(/^total +1201 +3 +13 +999 B +5\.4 MB$/);
  expect(stderr).toContain("Nothing in the other hour");
  expect(stderr).toContain("estimates");
});

test("asks for the time that was meant, and answers in JSON", async () => {
  const { run, api } = await given();
  const json = await run([
    "compute",
    "traffic",
    ID,
    "--from",
    "7d",
    "--to",
    "2026-11-20T11:00:00Z",
    "--json",
  ]);
  expect(JSON.parse(json.stdout)).toEqual(ANSWER);
  const query = api.requests.at(-1)?.query;
  expect(query?.get("to")).toBe("2026-11-20T11:00:00.000Z");
  const ago = Date.now() - Date.parse(query?.get("from") ?? "");
  expect(Math.round(ago / 86_400_000)).toBe(7);
  await run(["compute", "traffic", ID]);
  expect(api.requests.at(-1)?.query.toString()).toBe("");
});

test("says that there was nothing, and what a time looks like", async () => {
  const { run } = await given({ ...ANSWER, traffic: ANSWER.traffic.slice(1, 2) });
  const nothing = await run(["compute", "traffic", ID]);
  expect([nothing.code, nothing.stdout]).toEqual([0, ""]);
  expect(nothing.stderr).toContain("No requests");
  const wrong = await run(["compute", "traffic", ID, "--from", "yesterday"]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("7d");
});
