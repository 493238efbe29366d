import { once } from "node:events";
import { type IPty, spawn } from "@lydell/node-pty";
import { afterEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type Scene, sendError, sendJson, startScene } from "../../testing/fake-api.ts";
import { environment, MAIN, TOKEN } from "../../testing/run-cli.ts";

type Message = { type: string; data?: string; cols?: number; rows?: number };

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

/** A terminal with the command in it, and the server's end of its connection. */
interface Session {
  pty: IPty;
  screen: () => string;
  exited: Promise<{ exitCode: number; signal?: number }>;
  socket: WebSocket;
  /** Resolves with the next message that fits. */
  received: (fits: (message: Message) => boolean) => Promise<Message>;
  url: string;
}

const TICKET = "POST /api/instances/scout/terminal/ticket";

async function connect(onConnection: (socket: WebSocket) => void = () => {}): Promise<Session> {
  const opened = await startScene({
    [TICKET]: (request, response) =>
      sendJson(response, 200, {
        ticket: "t1",
        url: `ws://${request.headers.host}/api/instances/cmp1/terminal?ticket=t1`,
        expiresAt: new Date().toISOString(),
      }),
  });
  scene = opened;
  const sockets = new WebSocketServer({ server: opened.api.server });
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  const connection = once(sockets, "connection");
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => {
      messages.push(JSON.parse(String(data)));
      for (const wake of waiting) wake();
    });
    onConnection(socket);
  });
  const terminal = open(opened, "scout");
  const [socket, request] = await connection;
  return {
    ...terminal,
    socket,
    url: request.url,
    received: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find(fits);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Runs the command in a real terminal, started by a shell that then tells how the terminal was left. */
function open(inside: Scene, id: string): Pick<Session, "pty" | "screen" | "exited"> {
  const command = `"$0" "$1" compute ssh ${id}; code=$?; stty -a | grep -oE -- '-?icanon'; exit $code`;
  const pty = spawn("bash", ["-c", command, process.execPath, MAIN], {
    cols: 91,
    rows: 31,
    env: environment(inside.home, { GENTITY_API_URL: inside.api.url, GENTITY_TOKEN: TOKEN, TERM: "xterm" }),
  });
  let screen = "";
  pty.onData((data) => {
    screen += data;
  });
  return { pty, screen: () => screen, exited: new Promise((resolve) => pty.onExit(resolve)) };
}

const send = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));

test("is a terminal: size, resizing, keys both ways, and the shell's exit code", async () => {
  const { pty, screen, exited, socket, received, url } = await connect();
  expect(url).toBe("/api/instances/cmp1/terminal?ticket=t1&cols=91&rows=31");
  expect(await received((message) => message.type === "resize")).toEqual({
    type: "resize",
    cols: 91,
    rows: 31,
  });
  pty.resize(120, 40);
  await received((message) => message.cols === 120 && message.rows === 40);
  // Raw mode: Ctrl-C is a key for the other side, and nothing waits for Enter.
  pty.write("é\x03");
  await received((message) => message.type === "input" && (message.data ?? "").includes("\x03"));
  send(socket, { type: "output", data: "\x1b[1mhello\x1b[0m 世界\r\n" });
  send(socket, { type: "exit", exitCode: 17, signal: null });
  expect(await exited).toMatchObject({ exitCode: 17 });
  expect(screen()).toContain("\x1b[1mhello\x1b[0m 世界");
  expect(screen()).toMatch(/(?<!-)icanon/);
});

test("a shell that ended by a signal exits with 128 and its number", async () => {
  const { exited, socket, received } = await connect();
  await received((message) => message.type === "resize");
  send(socket, { type: "exit", exitCode: null, signal: "SIGKILL" });
  expect(await exited).toMatchObject({ exitCode: 137 });
});

test("a dropped connection gives the terminal back, out of the full screen, and says how to reconnect", async () => {
  const { screen, exited, socket, received } = await connect();
  await received((message) => message.type === "resize");
  send(socket, { type: "output", data: "\x1b[?1049h\x1b[?25lvim" });
  socket.ping();
  await once(socket, "pong");
  socket.terminate();
  expect(await exited).toMatchObject({ exitCode: 7 });
  expect(screen()).toContain("Connect again with: gentity compute ssh scout");
  expect(screen().indexOf("\x1b[?1049l")).toBeGreaterThan(screen().indexOf("vim"));
  expect(screen()).toContain("\x1b[?25h");
  expect(screen()).toMatch(/(?<!-)icanon/);
});

test("a terminal that refuses the ticket is 3", async () => {
  const { screen, exited } = await connect((socket) => socket.close(4401, "ticket used"));
  expect(await exited).toMatchObject({ exitCode: 3 });
  expect(screen()).toContain("ticket used");
});

test("a terminal that cannot be opened is 1, with the reason", async () => {
  const { screen, exited } = await connect((socket) => socket.close(4400, "no shell in this image"));
  expect(await exited).toMatchObject({ exitCode: 1 });
  expect(screen()).toContain("The terminal failed: no shell in this image");
});

test("a state that allows no terminal is 5", async () => {
  scene = await startScene({
    [TICKET]: (_request, response) =>
      sendError(response, 409, { code: "invalid_state", error: "It is stopped." }),
  });
  const { screen, exited } = open(scene, "scout");
  expect(await exited).toMatchObject({ exitCode: 5 });
  expect(screen()).toContain("It is stopped.");
});

test("without a terminal it declines, and names what works without one", async () => {
  scene = await startScene();
  const result = await scene.run(["compute", "ssh", "scout"]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("gentity compute exec scout --");
});
