/** Plays the vendor's edge: finds the machine, wakes it where its service says so, and lets bytes through as they come. */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { MachineActor } from "../engine/actor.ts";
import type { FlyCloud } from "../engine/cloud.ts";
import { mayStart } from "../states.ts";
import { forwardedHeaders } from "./headers.ts";
import { routeRequest, type Target } from "./route.ts";

/** How long a request waits for a machine that it woke. */
const WAKE_MS = 30_000;
const WAKE_POLL_MS = 50;

interface Refusal {
  status: number;
  reason: string;
}

class RefusedError extends Error {
  readonly status: number;
  constructor({ status, reason }: Refusal) {
    super(reason);
    this.status = status;
  }
}

type MachineTarget = Extract<Target, { type: "machine" }>;

export function createProxy(cloud: FlyCloud): Server {
  // Requests stream for as long as they like; idle ones are the client's business.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    void forward(cloud, request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(cloud, request, socket, head);
  });
  return server;
}

/** An open connection to the machine's port. */
async function connect(
  cloud: FlyCloud,
  request: IncomingMessage,
): Promise<{ socket: Socket; target: MachineTarget }> {
  const target = routeRequest(cloud, request);
  if (target.type === "refused") throw new RefusedError(target);
  const { actor, port, autostart } = target;
  const woken = autostart && mayStart(actor.record.state);
  if (woken) actor.start({}, "proxy");
  const deadline = Date.now() + (woken || autostart ? WAKE_MS : 0);
  for (;;) {
    try {
      return { socket: await dial(actor, port), target };
    } catch (error) {
      const isComing = ["starting", "started"].includes(actor.record.state);
      if (!isComing || Date.now() >= deadline || request.socket.destroyed) throw error;
      await sleep(WAKE_POLL_MS);
    }
  }
}

async function dial(actor: MachineActor, port: number): Promise<Socket> {
  if (actor.record.state !== "started") {
    throw new RefusedError({ status: 503, reason: `the machine is ${actor.record.state}` });
  }
  try {
    return await actor.requireStarted("connect").connect(port);
  } catch {
    throw new RefusedError({ status: 502, reason: `the machine does not answer on port ${port}` });
  }
}

function refusal(error: unknown): Refusal {
  if (error instanceof RefusedError) return { status: error.status, reason: error.message };
  return { status: 502, reason: "the connection to the machine failed" };
}

async function forward(cloud: FlyCloud, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const fail = (error: unknown): void => {
    const { status, reason } = refusal(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(status, { "content-type": "text/plain" }).end(`${reason}\n`);
  };
  try {
    const { socket } = await connect(cloud, request);
    const outgoing = httpRequest({
      method: request.method,
      path: request.url,
      headers: forwardedHeaders(request, false),
      setHost: false,
      // One connection for one request: the machine may freeze between two. An agent would make its own.
      createConnection: () => socket,
    });
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      response.flushHeaders();
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    outgoing.on("information", ({ statusCode, rawHeaders }) => {
      if (statusCode === 103) response.writeEarlyHints(Object.fromEntries(pairs(rawHeaders)));
    });
    outgoing.on("error", fail);
    response.on("close", () => outgoing.destroy());
    request.pipe(outgoing);
  } catch (error) {
    fail(error);
  }
}

function pairs(raw: string[]): [string, string][] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as [string, string]] : [],
  );
}

/** After the handshake the edge is a pipe; the handshake itself is the machine's to answer. */
async function upgrade(
  cloud: FlyCloud,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): Promise<void> {
  client.on("error", () => client.destroy());
  try {
    const { socket } = await connect(cloud, request);
    socket.on("error", () => client.destroy());
    socket.on("close", () => client.destroy());
    client.on("close", () => socket.destroy());
    const lines = pairs(forwardedHeaders(request, true)).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
    if (head.length > 0) socket.write(head);
    socket.setNoDelay(true);
    socket.pipe(client).pipe(socket);
  } catch (error) {
    const { status, reason } = refusal(error);
    const text = `${reason}\n`;
    client.end(
      `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
    );
  }
}
