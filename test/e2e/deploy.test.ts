/**
 * A deploy, as far as a runtime on this computer can show one: the production bundle in two processes of workerd, new requests go to the
 * second, and the first is told to end while requests are on their way through it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { bundleWorker } from "../../src/dev/bundle.ts";
import { removeTree } from "../../src/localcloud/runtime/remove-tree.ts";

const root = resolve(import.meta.dirname, "../..");
const HOST = "ai-deploy00.gentity.test";
const PARTS = 20;

let folder: string;
let origin: Server;
const versions: ChildProcess[] = [];

/** An agent that answers in parts as long as it is told to, takes an upload, and echoes on sockets. */
let next: () => void = () => {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gentity-deploy-"));
  origin = createServer(async (incoming, outgoing) => {
    if (incoming.method === "POST") {
      let bytes = 0;
      for await (const part of incoming) bytes += part.length;
      return outgoing.end(String(bytes));
    }
    if (incoming.url === "/quick") return outgoing.end("quick");
    for (let part = 0; part < PARTS; part++) {
      outgoing.write(`part ${part}\n`);
      await new Promise<void>((resolve) => {
        next = resolve;
      });
    }
    return outgoing.end("end");
  });
  const sockets = new WebSocketServer({ server: origin });
  sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${data}`)));
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  writeFileSync(join(folder, "worker.js"), await bundleWorker(join(root, "test/bench/worker/ours.ts")));
  writeFileSync(join(folder, "config.capnp"), configOf((origin.address() as AddressInfo).port));
});
afterAll(async () => {
  for (const version of versions) version.kill("SIGKILL");
  origin.closeAllConnections();
  origin.close();
  await removeTree(folder);
});

function configOf(originPort: number): string {
  const texts = { BASE_DOMAIN: "gentity.test", FLY_APP_URL: `http://127.0.0.1:${originPort}` };
  const bindings = Object.entries(texts).map(([name, text]) => `(name = "${name}", text = "${text}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "loopback", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-20",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [${bindings.join(", ")}],
  globalOutbound = "loopback",
);
`;
}

interface Version {
  port: number;
  process: ChildProcess;
  ended: Promise<unknown>;
}

async function startVersion(): Promise<Version> {
  const args = ["serve", "--experimental", "--control-fd=3", join(folder, "config.capnp")];
  const child = spawn(join(root, "node_modules/.bin/workerd"), args, {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  versions.push(child);
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const { port } = JSON.parse(line) as { port?: number };
    if (port) return { port, process: child, ended: once(child, "exit") };
  }
  throw new Error("workerd ended");
}

function ask(port: number, path: string, method = "GET") {
  const sent = request({ host: "127.0.0.1", port, path, method, agent: false, headers: { host: HOST } });
  const answered = once(sent, "response") as Promise<[IncomingMessage]>;
  return { sent, answered };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of answer) text += part;
  return text;
}

it("requests on their way through a version that is replaced come to their end: answers, uploads, sockets", async () => {
  const [old, young] = [await startVersion(), await startVersion()];
  const stream = ask(old.port, "/slow");
  stream.sent.end();
  const [streaming] = await stream.answered;
  const upload = ask(old.port, "/", "POST");
  upload.sent.write("x".repeat(100_000));
  const socket = new WebSocket(`ws://127.0.0.1:${old.port}/ws`, { headers: { host: HOST } });
  await once(socket, "open");

  old.process.kill("SIGTERM");
  for (let count = 0; count < 50; count++) {
    const quick = ask(young.port, "/quick");
    quick.sent.end();
    const [answer] = await quick.answered;
    expect([answer.statusCode, await textOf(answer)]).toEqual([200, "quick"]);
  }
  upload.sent.end("y".repeat(100_000));
  const [uploaded] = await upload.answered;
  expect(await textOf(uploaded)).toBe("200000");
  socket.send("still there");
  expect(String((await once(socket, "message"))[0])).toBe("echo still there");
  const told = textOf(streaming);
  const ticking = setInterval(() => next(), 20);
  const expected = Array.from({ length: PARTS }, (_, part) => `part ${part}\n`);
  expect(await told).toBe(`${expected.join("")}end`);
  clearInterval(ticking);
  socket.close();
  // It ends by itself once nothing goes through it.
  await old.ended;
});
