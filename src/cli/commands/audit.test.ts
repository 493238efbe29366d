import { afterEach, expect, test } from "vitest";
import { ID, type Scene, sendJson, startScene } from "../testing/fake-api.ts";

let scene: Scene;
afterEach(() => scene.close());

const EVENT = {
  id: "aud_1",
  chain: ID,
  seq: 1,
  prevHash: "0".repeat(64),
  hash: "not its hash",
  accountId: "acc_1",
  instanceId: ID,
  actor: "token:tok_1",
  action: "instance.exec",
  target: ID,
  at: "2026-11-20T12:00:00.000Z",
  requestId: null,
  detail: { command: "echo \x1b[31m hello", exitCode: 0, signal: null },
};

const withEvents = (events: unknown[]) =>
  startScene({
    "GET /api/audit": (_, response) => sendJson(response, 200, { events, nextCursor: null }),
    "GET /api/audit/heads": (_, response) =>
      sendJson(response, 200, { configured: false, heads: [], nextCursor: null }),
    "GET /.well-known/jwks.json": (_, response) => sendJson(response, 200, { keys: [] }),
  });

test("lists events as a table in which nothing can steer the terminal", async () => {
  scene = await withEvents([EVENT]);
  const { code, stdout } = await scene.run(["audit"]);
  expect(code).toBe(0);
  expect(stdout).toContain(`instance.exec  ${ID}  token:tok_1  command=echo  hello exitCode=0`);
  expect(JSON.parse((await scene.run(["audit", "--json"])).stdout)).toEqual([EVENT]);
});

test("verify exits with 1 when an event is not what its hash says, and says that nothing is signed", async () => {
  scene = await withEvents([EVENT]);
  const { code, stdout, stderr } = await scene.run(["audit", "verify"]);
  expect(code).toBe(1);
  expect(stdout).toBe(
    `✗ ${ID}  changed: event 1 (aud_1, instance.exec at 2026-11-20T12:00:00.000Z) was changed\n`,
  );
  expect(stderr).toContain("Nothing is signed");
  const { ok, signed, chains } = JSON.parse((await scene.run(["audit", "verify", "--json"])).stdout);
  expect({ ok, signed, kind: chains[0].finding.kind }).toEqual({ ok: false, signed: false, kind: "changed" });
});

test("verify is content with nothing", async () => {
  scene = await withEvents([]);
  expect((await scene.run(["audit", "verify"])).code).toBe(0);
});

test("any other word is a mistake", async () => {
  scene = await withEvents([]);
  const { code, stderr } = await scene.run(["audit", "verfy"]);
  expect(code).toBe(2);
  expect(stderr).toContain("gentity audit verify");
});
