/** The surface that a client out there uses already: these paths, names, shapes and meanings, against the running stack. */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { newTokenPlaintext } from "../../src/ids.ts";
import { AIDER, ask, NOTHING, Stack, until } from "./stack.ts";

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const TEXT = expect.any(String);

let stack: Stack;
let id: string;
let subdomain: string;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(() => stack?.close());

/** What the client asks without knowing who it is. */
const anonymous = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
  ask(method, new URL(path, stack.local.apiUrl), { headers, body });

describe("the catalog", () => {
  it("is public, and describes five agents", async () => {
    const { status, body } = await anonymous("GET", "/api/catalog/agents");
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["agents"]);
    expect(body.agents.map((agent: { id: string }) => agent.id).sort()).toEqual([
      "aider",
      "browser-use",
      "claude-code",
      "hermes",
      "openclaw",
    ]);
    for (const agent of body.agents) {
      expect(agent).toMatchObject({
        id: TEXT,
        name: TEXT,
        description: TEXT,
        defaultCpus: expect.any(Number),
        defaultMemoryMb: expect.any(Number),
        defaultVolumeGb: expect.any(Number),
        image: { ref: TEXT },
        release: TEXT,
        dataPath: expect.stringMatching(/^\//),
        port: expect.any(Number),
      });
      expect(agent.regions).toEqual(expect.arrayContaining(["iad"]));
      for (const model of agent.models) expect(model).toEqual({ provider: TEXT, name: TEXT, label: TEXT });
    }
  });
});

describe("without a good token", () => {
  const paths: [method: string, path: string, body?: unknown][] = [
    ["GET", "/api/instances"],
    ["POST", "/api/instances", AIDER],
    ["GET", "/api/instances/cmp1"],
    ["DELETE", "/api/instances/cmp1"],
    ["POST", "/api/instances/cmp1/action", { action: "stop" }],
    ["GET", "/api/instances/cmp1/logs"],
  ];

  it.each(paths)("%s %s is 401, and `error` is a plain string", async (method, path, body) => {
    const tokens = [undefined, "Bearer nonsense", `Bearer ${newTokenPlaintext()}`];
    for (const authorization of tokens) {
      const answer = await anonymous(method, path, authorization ? { authorization } : {}, body);
      expect([answer.status, answer.body.error]).toEqual([401, TEXT]);
    }
  });
});

describe("an instance", () => {
  it("is created with five fields, and answered with its id, subdomain and status", async () => {
    const { status, body } = await stack.api("POST", "/api/instances", { ...AIDER, name: "mine" });
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(300);
    expect(body).toMatchObject({ id: TEXT, subdomain: TEXT, status: "creating" });
    ({ id, subdomain } = body);
  });

  it("is read, with the ten fields of old and their meanings", async () => {
    await stack.reach(id, "running");
    const { status, body } = await stack.api("GET", `/api/instances/${id}`);
    expect([status, Object.keys(body)]).toEqual([200, ["instance"]]);
    expect(body.instance).toMatchObject({
      id,
      name: "mine",
      subdomain,
      agentType: "aider",
      modelProvider: "openai",
      modelName: "gpt-4o",
      status: "running",
      errorMessage: null,
      createdAt: TIME,
      updatedAt: TIME,
    });
    expect(JSON.stringify(body)).not.toContain("sk-test");
  });

  it("is in the list, which is newest first", async () => {
    const second = await stack.create({ name: "second" });
    const { status, body } = await stack.api("GET", "/api/instances");
    expect(status).toBe(200);
    expect(body.instances.map((instance: { id: string }) => instance.id)).toEqual([second.id, id]);
    expect(body.instances[1]).toEqual(await stack.instance(id));
    await stack.api("DELETE", `/api/instances/${second.id}`);
    const left = (await stack.api("GET", "/api/instances")).body.instances;
    expect(left.map((instance: { id: string }) => instance.id)).toEqual([id]);
  });

  it.each([
    ["stop", "stopped"],
    ["start", "running"],
    ["restart", "running"],
  ])("does %s, and is %s once that is answered", async (action, expected) => {
    const { status, body } = await stack.api("POST", `/api/instances/${id}/action`, { action });
    expect([status, body]).toEqual([200, { ok: true, status: expected }]);
    expect((await stack.instance(id)).status).toBe(expected);
  });

  it.each<[string, string, string, unknown, number]>([
    ["one that is not there", "GET", "/api/instances/cmp01nothing", undefined, 404],
    ["deleting one that never was", "DELETE", "/api/instances/cmp01nothing", undefined, 404],
    ["an agent that is none", "POST", "/api/instances", { ...AIDER, agentType: "nobody" }, 400],
    ["a missing field", "POST", "/api/instances", { agentType: "aider" }, 400],
    ["a body that is no JSON", "POST", "/api/instances", "{", 400],
  ])("%s: a status, and `error` as a plain string", async (_, method, path, body, status) => {
    const answer = await stack.api(method, path, body);
    expect([answer.status, answer.body.error]).toEqual([status, TEXT]);
  });

  it("refuses an unknown action with a plain string", async () => {
    const answer = await stack.api("POST", `/api/instances/${id}/action`, { action: "explode" });
    expect([answer.status, answer.body.error]).toEqual([400, TEXT]);
  });
});

describe("logs", () => {
  const LINE = { timestamp: TEXT, level: TEXT, message: TEXT, instance: TEXT, region: "iad" };

  it("are the last lines, oldest first", async () => {
    const { status, body } = await stack.api("GET", `/api/instances/${id}/logs`);
    expect([status, Object.keys(body)]).toEqual([200, ["logs"]]);
    for (const line of body.logs) expect(line).toEqual(LINE);
    const times = body.logs.map((line: { timestamp: string }) => line.timestamp);
    expect(times).toEqual(times.toSorted());
    const last = await stack.api("GET", `/api/instances/${id}/logs?lines=2`);
    expect(last.body.logs).toEqual(body.logs.slice(-2));
    expect((await stack.api("GET", `/api/instances/${id}/logs?lines=1001`)).status).toBe(400);
  });

  it("are followed as server-sent events, one line each, until `event: end`", async () => {
    const following = follow(`/api/instances/${id}/logs?follow=1`);
    await until("the first line", () => following.text().includes("data: "));
    await stack.api("DELETE", `/api/instances/${id}`);
    await following.ended;
    expect(following.type()).toContain("text/event-stream");
    const events = following.text().trim().split("\n\n");
    expect(events.at(-1)).toMatch(/^event: end\b/);
    const lines = events.slice(0, -1).filter((event) => event.startsWith("data: "));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line.slice("data: ".length))).toEqual(LINE);
  });

  it("and a delete is answered ok, and again the same", async () => {
    for (let turn = 0; turn < 2; turn++) {
      const { status, body } = await stack.api("DELETE", `/api/instances/${id}`);
      expect([status, body]).toEqual([200, { ok: true }]);
    }
    expect((await stack.api("GET", `/api/instances/${id}`)).status).toBe(404);
    expect(await stack.holdings(id)).toEqual(NOTHING);
  });
});

describe("the terminal", () => {
  let machine: { id: string; subdomain: string };

  beforeAll(async () => {
    machine = await stack.create();
  });

  it("is a WebSocket that takes the token in its address: keys, size, output, and the exit", async () => {
    const terminal = openTerminal(`?token=${stack.local.token}&cols=90&rows=20`);
    await terminal.opened;
    terminal.send({ type: "input", data: "echo n$((6*7)); stty size\n" });
    await until(terminal.text, () => /n42\s+20 90/.test(terminal.text()));
    terminal.send({ type: "resize", cols: 120, rows: 40 });
    await until(terminal.text, () => {
      terminal.send({ type: "input", data: "stty size\n" });
      return terminal.text().includes("40 120");
    });
    terminal.send({ type: "input", data: "exit 7\n" });
    await terminal.closed;
    for (const message of terminal.messages.slice(0, -1))
      expect(message).toEqual({ type: "output", data: TEXT });
    expect(terminal.messages.at(-1)).toEqual({ type: "exit", exitCode: 7, signal: null });
  });

  it.each([
    ["no token", ""],
    ["a token that is none", "?token=nonsense"],
    ["an unknown token", `?token=${newTokenPlaintext()}`],
  ])("closes with 4401 on %s", async (_, query) => {
    const terminal = openTerminal(query);
    expect(await terminal.closed).toBe(4401);
    expect(terminal.messages).toEqual([]);
  });

  function openTerminal(query: string) {
    const url = new URL(`/api/instances/${machine.id}/terminal${query}`, stack.local.apiUrl);
    const socket = new WebSocket(url.href.replace(/^http/, "ws"));
    const messages: { type: string; data?: string }[] = [];
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    return {
      messages,
      text: () => messages.map(({ data = "" }) => data).join(""),
      send: (message: object) => socket.send(JSON.stringify(message)),
      opened: new Promise<void>((done) => socket.once("open", () => done())),
      closed: new Promise<number>((done) => socket.once("close", done)),
    };
  }
});

function follow(path: string) {
  let text = "";
  let type = "";
  const ended = new Promise<void>((done, fail) => {
    const headers = { authorization: `Bearer ${stack.local.token}`, accept: "text/event-stream" };
    const outgoing = request(new URL(path, stack.local.apiUrl), { headers, agent: false }, (answer) => {
      type = String(answer.headers["content-type"]);
      answer.on("data", (data: Buffer) => {
        text += data.toString();
      });
      answer.once("end", done);
      answer.once("error", fail);
    });
    outgoing.once("error", fail);
    outgoing.end();
  });
  return { ended, text: () => text, type: () => type };
}
