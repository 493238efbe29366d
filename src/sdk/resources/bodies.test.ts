import { afterEach, expect, test } from "vitest";
import { GentityClient } from "../client.ts";
import { ConnectionError } from "../errors.ts";
import { collect } from "../pagination.ts";
import { type Handler, openStream, sendJson, startServer, type TestServer } from "../testing/http-server.ts";

let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function serve(
  handler: Handler,
): Promise<{ gentity: GentityClient; requests: TestServer["requests"] }> {
  running = await startServer(handler);
  return { gentity: new GentityClient({ baseUrl: running.url }), requests: running.requests };
}

test("has the seed's verbs", async () => {
  const { gentity, requests } = await serve(({ path }, response) =>
    sendJson(response, 200, path.endsWith("/body") ? { instance: { id: "cmp1" } } : { ok: true }),
  );
  const body = await gentity.ensureBody("ws/42", "fix the build", { spec: { cpus: 4 } });
  expect(body.id).toBe("cmp1");
  await gentity.exec(body.id, ["git", "--version"], { cwd: "/w", idempotencyKey: "k" });
  await gentity.suspend(body.id);
  await gentity.start(body.id);
  await gentity.destroy(body.id);
  await gentity.runForAgent("ws-42", "ls", { goal: "look", timeoutSeconds: 5, stdin: new Uint8Array([255]) });
  expect(requests.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([
    ["PUT", "/api/workspaces/ws%2F42/body", { goal: "fix the build", spec: { cpus: 4 } }],
    ["POST", "/api/instances/cmp1/exec", { command: ["git", "--version"], cwd: "/w" }],
    ["POST", "/api/instances/cmp1/action", { action: "suspend" }],
    ["POST", "/api/instances/cmp1/action", { action: "start" }],
    ["DELETE", "/api/instances/cmp1", undefined],
    [
      "POST",
      "/api/workspaces/ws-42/run",
      { command: "ls", goal: "look", timeoutSeconds: 5, stdinBase64: "/w==" },
    ],
  ]);
  expect(requests[1]?.headers["idempotency-key"]).toBe("k");
});

test("tries a run again with the same key, so that it runs once (lesson 12)", async () => {
  let tries = 0;
  const { gentity, requests } = await serve((_request, response) => {
    tries++;
    if (tries === 1)
      sendJson(response, 503, { error: "later", code: "vendor_unavailable" }, { "retry-after": "0" });
    else sendJson(response, 200, { exitCode: 3, substrate: "daytona", instanceId: "cmp1" });
  });
  expect(await gentity.runForAgent("ws-42", "x")).toMatchObject({ exitCode: 3, substrate: "daytona" });
  const keys = requests.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

test("streams where it runs, what it writes, and how it ended", async () => {
  const { gentity } = await serve((_request, response) => {
    const send = openStream(response);
    send("body", { instanceId: "cmp1", substrate: "fly-machine" });
    send("stdout", { data: btoa("hi") });
    send("exit", { exitCode: 0 });
    response.end();
  });
  expect(await collect(gentity.bodies.stream("ws-42", { command: "x" }))).toEqual([
    { type: "body", instanceId: "cmp1", substrate: "fly-machine" },
    { type: "stdout", data: new Uint8Array([104, 105]) },
    { type: "exit", exitCode: 0 },
  ]);
});

test("does not take a lost connection for an end", async () => {
  const { gentity } = await serve((_request, response) => {
    openStream(response)("body", { instanceId: "cmp1", substrate: "fly-machine" });
    response.end();
  });
  await expect(collect(gentity.bodies.stream("ws-42", { command: "x" }))).rejects.toThrow(ConnectionError);
});
