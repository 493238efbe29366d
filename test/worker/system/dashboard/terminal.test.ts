import { beforeAll, describe, expect, it } from "vitest";
import { AIDER, newTenant, type Tenant, worker } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

let owner: Tenant;
let visitor: Visitor;
let path: string;

beforeAll(async () => {
  owner = await newTenant();
  visitor = await newVisitor(owner.accountId);
  const { body } = await owner.call("POST", "/api/instances?wait=60", AIDER);
  expect(body).toMatchObject({ status: "running" });
  path = `/dashboard/instances/${body.id}`;
});

const JSON_ONLY = { Accept: "application/json" };
const getTicket = async (from = visitor) => {
  const answer = await from.post(`${path}/terminal/ticket`, {}, JSON_ONLY);
  return { status: answer.status, body: await answer.json<any>() };
};
const act = (action: string) =>
  owner.call("POST", `${path.replace("/dashboard", "/api")}/action`, { action });

/** A WebSocket of the terminal: what it showed, and how it closed. */
async function connect(address: string) {
  const answer = await worker.fetch(`http://localhost${address}`, { headers: { Upgrade: "websocket" } });
  const socket = answer.webSocket;
  if (!socket) {
    throw new Error(`no socket: ${answer.status}`);
  }
  socket.accept();
  const messages: any[] = [];
  socket.addEventListener("message", ({ data }) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  const shown = () => messages.map(({ data }) => data ?? "").join("");
  return { socket, messages, closed, shown };
}

describe("the terminal's page", () => {
  it("says what it needs without JavaScript, and loads the terminal only when it is opened", async () => {
    const answer = await visitor.get(`${path}/terminal`);
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("A terminal needs JavaScript.");
    expect(page).toContain(`${path}/exec`);
    expect(page).toMatch(/data-screen="\/assets\/[0-9a-f]{12}\/terminal-screen\.js"/);
    expect(page).not.toMatch(/<(script|link)[^>]*terminal-screen/);
    expect(page).not.toMatch(/<style|style=|<script(?! type="module" src="\/assets\/)/);
    expect(answer.headers.get("content-security-policy")).not.toContain("unsafe");
  });

  it("is somebody's own, and takes their own form alone", async () => {
    const stranger = await newVisitor((await newTenant()).accountId);
    for (const under of ["terminal", "logs", "logs/stream", "logs/text", "exec"]) {
      expect((await stranger.get(`${path}/${under}`)).status, under).toBe(404);
      expect((await stranger.get(`/dashboard/instances/cmpnever/${under}`)).status, under).toBe(404);
    }
    expect((await getTicket(stranger)).status).toBe(404);
    expect((await stranger.post(`${path}/exec`, { command: "id", nonce: "abcdefgh" })).status).toBe(404);
    const forged = await visitor.post(
      `${path}/terminal/ticket`,
      { formToken: stranger.formToken },
      JSON_ONLY,
    );
    expect(forged.status).toBe(403);
  });
});

describe("a ticket", () => {
  it("opens a shell once, in the size that was asked for, and tells its exit code", async () => {
    const { status, body } = await getTicket();
    expect(status).toBe(201);
    expect(body.readiness).toEqual({ type: "runs" });
    const shell = await connect(`${body.path}&cols=91&rows=17`);
    shell.socket.send(JSON.stringify({ type: "input", data: "stty size; exit 3\n" }));
    expect(await shell.closed).toMatchObject({ code: 1000 });
    expect(shell.shown()).toMatch(/17 91/);
    expect(shell.messages.at(-1)).toEqual({ type: "exit", exitCode: 3, signal: null });
    const again = await connect(body.path);
    expect(await again.closed).toMatchObject({ code: 4401 });
  });

  it("is never in a line of the log", async () => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      const { body } = await getTicket();
      const shell = await connect(body.path);
      shell.socket.send(JSON.stringify({ type: "input", data: "exit\n" }));
      await shell.closed;
      const [, ticket = "none"] = body.path.split("ticket=");
      expect(ticket).toMatch(/^[a-z2-7]{26}$/);
      const text = lines.join("\n");
      expect(text).toContain("/terminal");
      expect(text).not.toContain(ticket);
    } finally {
      console.log = log;
    }
  });

  it("says beforehand that it wakes a sleeping one, and does", async () => {
    expect((await act("suspend")).status).toBe(200);
    expect(await (await visitor.get(`${path}/terminal`)).text()).toContain("It sleeps. This wakes it");
    const { body } = await getTicket();
    expect(body.readiness).toMatchObject({ type: "wakes" });
    const shell = await connect(body.path);
    shell.socket.send(JSON.stringify({ type: "input", data: "exit 4\n" }));
    await shell.closed;
    expect(shell.messages.at(-1)).toMatchObject({ exitCode: 4 });
  });

  it("does not start what was stopped: the page says so, and how it is started", async () => {
    expect((await act("stop")).status).toBe(200);
    const page = await (await visitor.get(`${path}/terminal`)).text();
    expect(page).toContain("It is stopped");
    expect(page).toMatch(/<form method="post" action="[^"]+"[^>]*>.*Start it/s);
    const shell = await connect((await getTicket()).body.path);
    const { code, reason } = await shell.closed;
    expect(code).toBe(4400);
    expect(reason).toContain("stopped");
    expect((await act("start")).status).toBe(200);
  });
});
