/** Answers of every shape: long, partial, compressed, cut off, with many cookies, with trailers. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

export type Way = (request: IncomingMessage, response: ServerResponse, rest: string[]) => void;

const BLOCK = Buffer.alloc(64 * 1024, "0123456789abcdef");
const TEXT = "compressed once, by the agent\n".repeat(100);

/** So many bytes from `from` on of a pattern that tells where in it one is. */
function* pattern(from: number, bytes: number): Generator<Buffer> {
  let at = from;
  const end = from + bytes;
  while (at < end) {
    const offset = at % BLOCK.length;
    const part = BLOCK.subarray(offset, Math.min(BLOCK.length, offset + end - at));
    at += part.length;
    yield part;
  }
}

async function send(response: ServerResponse, parts: Iterable<Buffer>): Promise<void> {
  for (const part of parts) {
    if (response.destroyed) return;
    if (!response.write(part)) await new Promise((go) => response.once("drain", go).once("close", go));
  }
  response.end();
}

/** `/bytes/<n>`, with a length; `/bytes/<n>/chunked` without; by `Range: bytes=a-b` a part of it. */
const bytes: Way = (request, response, [count = "0", how]) => {
  const total = Number(count);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const from = Number(range?.[1] ?? 0);
  const to = range?.[2] ? Math.min(Number(range[2]), total - 1) : total - 1;
  response.setHeader("content-type", "application/octet-stream");
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("etag", `"${total}"`);
  if (range && from >= total) {
    return void response.writeHead(416, { "content-range": `bytes */${total}` }).end();
  }
  if (how !== "chunked") response.setHeader("content-length", to - from + 1);
  if (range) response.writeHead(206, { "content-range": `bytes ${from}-${to}/${total}` });
  void send(response, request.method === "HEAD" ? [] : pattern(from, to - from + 1));
};

/** `/count`: what came, once all of it came. */
const count: Way = (request, response) => {
  const hash = createHash("sha256");
  let length = 0;
  request.on("data", (part: Buffer) => {
    length += part.length;
    hash.update(part);
  });
  request.on("end", () => {
    const { headers, trailers } = request;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ length, sha256: hash.digest("hex"), headers, trailers }));
  });
};

/** `/cut/head` before an answer, `/cut/length` and `/cut/chunked` in the midst of one. */
const cut: Way = (request, response, [when]) => {
  if (when === "head") return void request.socket.destroy();
  if (when === "length") response.setHeader("content-length", 1_000);
  response.write("the beginning", () => setImmediate(() => request.socket.destroy()));
};

/** `/redirect/<status>?to=<location>`. */
const redirect: Way = (request, response, [status]) => {
  const to = new URL(request.url ?? "/", "http://probe").searchParams.get("to") ?? "/";
  response.writeHead(Number(status), { location: to }).end("elsewhere");
};

const cookies: Way = (request, response) => {
  response.setHeader("set-cookie", [
    "a=1; Path=/; HttpOnly",
    "b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
    "c=3",
  ]);
  response.end(request.headers.cookie ?? "");
};

const gzip: Way = (_, response) => {
  const packed = gzipSync(TEXT);
  response.writeHead(200, {
    "content-type": "text/plain",
    "content-encoding": "gzip",
    "content-length": packed.length,
    vary: "Accept-Encoding",
  });
  response.end(packed);
};

const trailers: Way = (_, response) => {
  response.writeHead(200, { trailer: "x-checksum" });
  response.write("with a trailer");
  response.addTrailers({ "x-checksum": "abc" });
  response.end();
};

/** `/headers`: many of them, and such as have no one meaning. */
const headers: Way = (_, response) => {
  response.writeHead(200, [
    ["x-twice", "one"],
    ["x-twice", "two"],
    ["x-empty", ""],
    ["x-long", "x".repeat(8_000)],
    ["cache-control", "private, max-age=3"],
    ["content-security-policy", "frame-ancestors 'none'"],
  ]);
  response.end();
};

export const answers: Record<string, Way> = {
  bytes,
  count,
  cut,
  redirect,
  cookies,
  gzip,
  trailers,
  headers,
};
