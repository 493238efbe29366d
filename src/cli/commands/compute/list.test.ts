import { afterEach, expect, test } from "vitest";
import {
  ID,
  instance,
  openStream,
  type Routes,
  type Scene,
  sendJson,
  startScene,
} from "../../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes = {}): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const TWO = [
  instance({ id: "cmp01k5x3aaaa", name: "日本\x1b[2J", status: "running" }),
  instance({ id: "cmp01k5x3bbbb", name: "second", status: "error", url: "https://he-1.gentity.ai/" }),
];

test("a table is aligned, tells ids apart, and lets no name steer the terminal", async () => {
  const { run } = await given({
    "GET /api/instances": (_request, response) =>
      sendJson(response, 200, { instances: TWO, nextCursor: null }),
  });
  expect((await run(["compute", "list"])).stdout).toBe(
    [
      "ID          NAME    AGENT        MODEL              STATUS     URL                              AGE",
      "cmp01k5x3a  日本    claude-code  claude-sonnet-5-5  ● running  https://cl-x7k2m9q4.gentity.ai/  3h",
      "cmp01k5x3b  second  claude-code  claude-sonnet-5-5  ● error    https://he-1.gentity.ai/         3h",
      "",
    ].join("\n"),
  );
});

test("--json is the list itself, over all pages and with the filters", async () => {
  const { run, api } = await given({
    "GET /api/instances": (request, response) => {
      const isFirst = request.query.get("cursor") === null;
      sendJson(response, 200, { instances: [TWO[isFirst ? 0 : 1]], nextCursor: isFirst ? "2" : null });
    },
  });
  const result = await run([
    "compute",
    "ls",
    "--json",
    "--status",
    "running",
    "--agent",
    "hermes",
    "--label",
    "a=b",
  ]);
  expect(JSON.parse(result.stdout)).toEqual(TWO);
  expect(api.requests[1]?.query.toString()).toBe("status=running&agentType=hermes&label=a%3Db&cursor=2");
});

test("an empty list is nothing on stdout, and a hint beside it", async () => {
  const { run } = await given({
    "GET /api/instances": (_request, response) =>
      sendJson(response, 200, { instances: [], nextCursor: null }),
  });
  const result = await run(["compute", "list"]);
  expect(result).toMatchObject({ code: 0, stdout: "" });
  expect(result.stderr).toContain("gentity compute create");
});

test("get shows what there is, and --json the whole of it", async () => {
  const { run } = await given();
  const people = await run(["compute", "get", ID.slice(0, 8)]);
  expect(people.stdout).toContain("status     ● running\n");
  const programs = await run(["compute", "get", "scout", "--json"]);
  expect(JSON.parse(programs.stdout)).toMatchObject({ id: ID, name: "scout" });
});

const LINE = {
  timestamp: "2026-11-20T12:00:00.000Z",
  level: "info",
  message: "up",
  instance: "i",
  region: "iad",
};

test("logs are printed as they were, or as the list they are", async () => {
  const { run, api } = await given({
    "GET /api/instances/scout/logs": (_request, response) => sendJson(response, 200, { logs: [LINE] }),
  });
  expect((await run(["compute", "logs", "scout", "-n", "7"])).stdout).toBe(
    "2026-11-20T12:00:00.000Z info  up\n",
  );
  expect(api.requests[0]?.query.toString()).toBe("lines=7");
  expect(JSON.parse((await run(["compute", "logs", "scout", "--json"])).stdout)).toEqual([LINE]);
});

test("followed logs come line by line, until the end or Ctrl-C", async () => {
  let ends = true;
  const { run } = await given({
    "GET /api/instances/scout/logs": (_request, response) => {
      const send = openStream(response);
      send("message", LINE);
      if (ends) send("end", {});
    },
  });
  const ended = await run(["compute", "logs", "scout", "--follow", "--json"]);
  expect(ended).toMatchObject({ code: 0, stdout: `${JSON.stringify(LINE)}\n` });
  ends = false;
  const cancelled = await run(["compute", "logs", "scout", "-f"], { interruptAt: /up/ });
  expect(cancelled.code).toBe(130);
});

test("the catalog needs no login", async () => {
  const agent = {
    id: "claude-code",
    name: "Claude Code",
    description: "Writes code.",
    defaultCpus: 1,
    defaultMemoryMb: 2048,
    defaultVolumeGb: 5,
    models: ["a", "b", "c", "d", "e"].map((name) => ({
      provider: "anthropic",
      name,
      label: `Model ${name}`,
    })),
  };
  const { run } = await given({
    "GET /api/catalog/agents": (_request, response) => sendJson(response, 200, { agents: [agent] }),
  });
  const env = { GENTITY_TOKEN: "" };
  const people = await run(["agents"], { env });
  expect(people.stdout).toContain(
    "claude-code  Claude Code · 1 vCPU, 2048 MB, 5 GB volume\n  Writes code.\n",
  );
  expect(people.stdout).toContain("and 1 more");
  expect(JSON.parse((await run(["agents", "--json"], { env })).stdout)).toEqual([agent]);
});
