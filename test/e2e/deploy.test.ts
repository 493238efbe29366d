/**
 * A deploy, as far as a runtime on this computer can show one: the production bundle in two processes of workerd, new requests go to the
 * second, and the first is told to end while requests are on their way through it.
 */
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { removeTree } from "../../src/localcloud/runtime/remove-tree.ts";
import type { Child } from "../bench/child.ts";
import { productionBundle, productionWorker } from "../bench/edge/production.ts";
import { hostOf, textsOf } from "../bench/edge/rig.ts";
import { type Module, type RunningWorker, serveWorker } from "../bench/edge/workerd.ts";

const HOST = hostOf(0);
const PARTS = 20;
/** Longer than all of this takes. */
const GRACE_MS = 60_000;

let folder: string;
let origin: Server;
let originPort: number;
let bundle: Module[];
const versions: Child[] = [];

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
  originPort = (origin.address() as AddressInfo).port;
  bundle = productionBundle(folder);
});
afterAll(async () => {
  for (const version of versions) await version.end(1_000);
  origin.closeAllConnections();
  origin.close();
  await removeTree(folder);
});

async function startVersion(name: string): Promise<RunningWorker> {
  const version = await serveWorker({
    name,
    parts: productionWorker(bundle, textsOf(originPort)),
    tempDir: folder,
  });
  versions.push(version.child);
  return version;
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
  const [old, young] = [await startVersion("old"), await startVersion("young")];
  const stream = ask(old.port, "/slow");
  stream.sent.end();
  const [streaming] = await stream.answered;
  const upload = ask(old.port, "/", "POST");
  upload.sent.write("x".repeat(100_000));
  const socket = new WebSocket(`ws://127.0.0.1:${old.port}/ws`, { headers: { host: HOST } });
  await once(socket, "open");

  const ended = old.child.end(GRACE_MS);
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
  // It ends by itself once nothing goes through it, and not because it was made to.
  await ended;
  expect(old.child.process.signalCode).not.toBe("SIGKILL");
});
