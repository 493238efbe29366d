/**
 * The load: so many keep-alive connections, each sending its next request when the last one was answered. Of its own,
 * because it has to leave room on a core it shares with the origin: requests are bytes made before, sockets read into one
 * buffer, and an answer is recognised by its end. Takes orders over IPC, and ends with whoever started it.
 */
import { connect } from "node:net";
import { quantile } from "../numbers.ts";
import { frameOf, readFrames } from "./frames.ts";

export interface LoadOrder {
  port: number;
  /** On each connection: a request after the other, or one message after the other. */
  protocol: "http" | "websocket";
  connections: number;
  /** Over at whichever comes first. */
  requests: number;
  ms: number;
}

export interface LoadResult {
  requests: number;
  /** Sent and not answered by a 200. */
  failures: number;
  seconds: number;
  p50Micros: number;
  p99Micros: number;
  /** The first answer that was not a 200. */
  oddity?: string;
}

const STATUS = Buffer.from("HTTP/1.1 200");
/** No part of the answer's head can look like its end. */
const END = Buffer.from("\r\n\r\nok\n");
const BUFFER_BYTES = 64 * 1024;
/** For what is still on its way when time is up. */
const GRACE_MS = 5_000;

const hosts = Number(process.argv[2]);
const domain = process.argv[3];
/** In an order of their own, so that no two neighbours of the route cache are asked for in a row. 7919 is a prime. */
const requests = Array.from({ length: hosts }, (_, index) => requestTo((index * 7_919) % hosts));
let next = 0;

/** What a browser sends, and the header in which Cloudflare says who it is. */
function requestTo(index: number): Buffer {
  return Buffer.from(
    [
      "GET / HTTP/1.1",
      `Host: ai-${String(index).padStart(8, "0")}.${domain}`,
      "User-Agent: gentity-bench",
      "Accept: */*",
      "Accept-Encoding: identity",
      "Cookie: sid=0123456789abcdef0123456789abcdef",
      "CF-Connecting-IP: 203.0.113.7",
      "",
      "",
    ].join("\r\n"),
  );
}

interface Run {
  order: LoadOrder;
  startedAt: number;
  /** Sockets that wait until the last one is open, and time begins. */
  open: (() => void)[];
  deadline: number;
  sent: number;
  /** Of answers that were a 200, in milliseconds. */
  latencies: number[];
  oddity?: string;
}

/** One connection. Resolves once it has nothing more to send, or is broken. */
function drive(run: Run): Promise<void> {
  return new Promise((resolve) => {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    let sentAt = 0;
    let unfinished: Buffer | undefined;
    const send = () => {
      sentAt = performance.now();
      if (sentAt >= run.deadline || run.sent >= run.order.requests) {
        socket.destroy();
        return;
      }
      run.sent++;
      next = (next + 1) % requests.length;
      socket.write(requests[next] ?? "");
    };
    const read = (length: number) => {
      const part = buffer.subarray(0, length);
      const answer = unfinished ? Buffer.concat([unfinished, part]) : part;
      if (answer.length >= STATUS.length && !answer.subarray(0, STATUS.length).equals(STATUS)) {
        run.oddity ??= answer.toString("latin1").slice(0, 500);
        socket.destroy();
      } else if (answer.subarray(-END.length).equals(END)) {
        unfinished = undefined;
        run.latencies.push(performance.now() - sentAt);
        send();
      } else {
        // The buffer is read into again.
        unfinished = Buffer.from(answer);
      }
      return true;
    };
    const { port } = run.order;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread: { buffer, callback: read } });
    socket.on("connect", send);
    // What was sent and not answered is counted as a failure.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(patience);
      resolve();
    });
    const patience = setTimeout(() => socket.destroy(), run.order.ms + GRACE_MS);
  });
}

const MESSAGE = Buffer.alloc(64, "m");
const FRAME = frameOf(MESSAGE, Buffer.from([1, 2, 3, 4]));
const UPGRADED = Buffer.from("HTTP/1.1 101");

/** One WebSocket; the conversation begins when all are open. Resolves once it has nothing more to send, or is broken. */
function converse(run: Run): Promise<void> {
  return new Promise((resolve) => {
    let sentAt = 0;
    let unfinished: Buffer = Buffer.alloc(0);
    let isOpen = false;
    const socket = connect({ port: run.order.port, host: "127.0.0.1", noDelay: true });
    const send = () => {
      sentAt = performance.now();
      if (sentAt >= run.deadline) {
        socket.destroy();
        return;
      }
      run.sent++;
      socket.write(FRAME);
    };
    socket.on("connect", () => {
      next = (next + 1) % requests.length;
      socket.write(upgradeTo(requests[next] ?? Buffer.alloc(0)));
    });
    socket.on("data", (data) => {
      unfinished = Buffer.concat([unfinished, data]);
      if (!isOpen) {
        const end = unfinished.indexOf("\r\n\r\n");
        if (!unfinished.subarray(0, UPGRADED.length).equals(UPGRADED)) {
          run.oddity ??= unfinished.toString("latin1").slice(0, 500);
          socket.destroy();
        } else if (end >= 0) {
          isOpen = true;
          unfinished = unfinished.subarray(end + 4);
          begin(run, send);
        }
        return;
      }
      const { messages, rest } = readFrames(unfinished);
      unfinished = rest;
      if (messages.length > 0) {
        run.latencies.push(performance.now() - sentAt);
        send();
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(patience);
      resolve();
    });
    const patience = setTimeout(() => socket.destroy(), run.order.ms + 2 * GRACE_MS);
  });
}

function begin(run: Run, send: () => void): void {
  run.open.push(send);
  if (run.open.length === run.order.connections) {
    run.startedAt = performance.now();
    run.deadline = run.startedAt + run.order.ms;
    for (const start of run.open) {
      start();
    }
  }
}

function upgradeTo(request: Buffer): string {
  const head = request.toString("latin1").slice(0, -2);
  return `${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
}

async function obey(order: LoadOrder): Promise<LoadResult> {
  const startedAt = performance.now();
  const run: Run = { order, startedAt, open: [], sent: 0, latencies: [], deadline: startedAt + order.ms };
  const one = order.protocol === "http" ? drive : converse;
  await Promise.all(Array.from({ length: order.connections }, () => one(run)));
  const seconds = (performance.now() - run.startedAt) / 1_000;
  const micros = (share: number) => Math.round(quantile(run.latencies, share) * 1_000);
  return {
    requests: run.latencies.length,
    failures: run.sent - run.latencies.length,
    seconds,
    p50Micros: micros(0.5),
    p99Micros: micros(0.99),
    oddity: run.oddity,
  };
}

process.on("message", (order: LoadOrder) => {
  void obey(order).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
