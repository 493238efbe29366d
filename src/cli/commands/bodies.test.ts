import { afterEach, describe, expect, test } from "vitest";
import {
  exit,
  ID,
  instance,
  output,
  type Routes,
  type Scene,
  sendJson,
  startScene,
  streaming,
} from "../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const RUN = "POST /api/workspaces/ws-42/run";
const body = ["body", { instanceId: ID, substrate: "daytona" }] as [string, unknown];

describe("run", () => {
  test("passes stdin and both outputs on, apart, and ends with the command's exit code", async () => {
    const { run, api } = await given({
      [RUN]: streaming(body, ["stdout", output("out\n")], ["stderr", output("err\n")], ["exit", exit(42)]),
    });
    const line = [
      "run",
      "ws-42",
      "--goal",
      "fix it",
      "--cwd",
      "/w",
      "-e",
      "A=1",
      "--",
      "make",
      "-j",
      "--json",
    ];
    const result = await run(line, { stdin: "fed" });
    expect(result).toMatchObject({ code: 42, stdout: "out\n", stderr: "err\n" });
    expect(api.requests[0]?.body).toEqual({
      command: ["make", "-j", "--json"],
      goal: "fix it",
      cwd: "/w",
      env: { A: "1" },
      stdin: "fed",
      timeoutSeconds: 86_400,
    });
  });

  test("is 128+n for a signal", async () => {
    const { run } = await given({ [RUN]: streaming(body, ["exit", exit(null, "SIGKILL")]) });
    expect((await run(["run", "ws-42", "--", "x"])).code).toBe(137);
  });

  test("says in JSON what ran it, and where", async () => {
    const { run } = await given({ [RUN]: streaming(body, ["stdout", output("hi")], ["exit", exit(0)]) });
    const result = await run(["run", "ws-42", "--json", "--", "x"]);
    expect(JSON.parse(result.stdout)).toMatchObject({
      instanceId: ID,
      substrate: "fly-machine",
      stdout: "hi",
      stderr: "",
      exitCode: 0,
    });
  });

  test("leaves it running when detached, and says how to follow it", async () => {
    const { run, api } = await given({
      [RUN]: (_request, response) =>
        sendJson(response, 202, { execId: "e1", instanceId: ID, substrate: "fly-machine" }),
    });
    const result = await run(["run", "ws-42", "-d", "--", "x"]);
    expect(result).toMatchObject({ code: 0, stdout: "e1\n" });
    expect(result.stderr).toContain(`gentity compute exec ${ID} --attach e1`);
    expect(api.requests[0]?.body).toEqual({ command: "x", detach: true });
  });

  test("needs a command", async () => {
    const { run, api } = await given({});
    const result = await run(["run", "ws-42"]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("gentity run ws-42 -- <command>");
    expect(api.requests).toEqual([]);
  });

  test("says what the operator must set where nothing can run", async () => {
    const { run } = await given({
      [RUN]: (_request, response) =>
        sendJson(response, 503, {
          error: "No provider for bodies is configured, so nothing can run.",
          code: "not_configured",
          requestId: "req_1",
          hint: "The operator sets FLY_API_TOKEN, or DAYTONA_API_KEY.",
        }),
    });
    const result = await run(["run", "ws-42", "--", "x"]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("FLY_API_TOKEN, or DAYTONA_API_KEY");
  });
});

const MACHINE = {
  id: ID,
  name: "Fix the build",
  agentType: "body",
  exposure: "private",
  workspaceId: "ws-42",
  provider: "fly",
  region: "iad",
  state: "suspended",
  startedAt: null,
  uptimeMs: 65_000,
  computeCostMicros: 1_234_567,
  estimated: true,
};
const FLEET = {
  configured: true,
  providers: { fly: true, hetzner: false, daytona: true },
  machines: [MACHINE],
  totals: { machines: 1, started: 0, uptimeMs: 65_000, computeCostMicros: 1_234_567, estimated: true },
};

describe("fleet", () => {
  test("shows every machine, the total, and what kind of number the cost is", async () => {
    const { run } = await given({ "GET /api/fleet": (_request, response) => sendJson(response, 200, FLEET) });
    const result = await run(["fleet"]);
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/ws-42 +Fix the build +fly +.*suspended +1m 5s +~\$1\.23/);
    expect(result.stdout).toContain("0 of 1 started");
    expect(result.stderr).toMatch(/Configured: fly, daytona\..*estimates/);
    expect(JSON.parse((await run(["fleet", "--json"])).stdout)).toEqual(FLEET);
  });

  test("says how to make the first one", async () => {
    const nobody = { fly: false, hetzner: false, daytona: false };
    const empty = { ...FLEET, configured: false, providers: nobody, machines: [] };
    const { run } = await given({ "GET /api/fleet": (_request, response) => sendJson(response, 200, empty) });
    const result = await run(["fleet"]);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(/No provider is configured\.[\s\S]*gentity run <workspace>/);
  });
});

describe("hold", () => {
  test("keeps awake for an hour unless told otherwise, and says until when", async () => {
    const awake = { reason: "a long build", until: "2026-11-21T12:00:00.000Z" };
    const { run, api } = await given({
      [`POST /api/instances/${ID}/hold`]: (_request, response) =>
        sendJson(response, 200, { instance: instance({ awake }) }),
    });
    const result = await run(["compute", "hold", ID, "--reason", "a long build"]);
    expect(result).toMatchObject({ code: 0, stdout: "awake until 2026-11-21T12:00:00.000Z: a long build\n" });
    expect(api.requests[0]?.body).toEqual({ seconds: 3_600, reason: "a long build" });
  });
});

test("a body has no page to open", async () => {
  const { run } = await given({
    [`GET /api/instances/${ID}`]: (_request, response) =>
      sendJson(response, 200, { instance: instance({ exposure: "private", url: null, subdomain: "" }) }),
  });
  const result = await run(["compute", "open", ID]);
  expect(result.code).toBe(5);
  expect(result.stderr).toContain(`gentity compute ssh ${ID}`);
});
