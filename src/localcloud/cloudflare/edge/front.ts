/** Plays the vendor's edge: from the host name to its tunnel, to a connector of it, letting bytes through as they come. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type ClientHttp2Stream, constants } from "node:http2";
import type { Duplex } from "node:stream";
import type { CloudflareCloud } from "../cloud.ts";
import { endToEnd, headerLines } from "../headers.ts";
import { HEADER_LIMIT, SWITCHED_HEADER } from "../wire.ts";
import { type Address, inboundOrigin, outboundLocation, parseAddress } from "./address.ts";
import type { Link } from "./link.ts";
import type { LinkRegistry } from "./registry.ts";

interface Refusal {
  status: number;
  text: string;
}

interface Route {
  address: Address;
  link: Link;
}

const NO_HOST: Refusal = { status: 404, text: "the path must begin with a host name\n" };
const NO_RECORD: Refusal = { status: 530, text: "error code: 1016\nOrigin DNS error\n" };
const NO_CONNECTOR: Refusal = { status: 530, text: "error code: 1033\nCloudflare Tunnel error\n" };
const LOST: Refusal = { status: 502, text: "error code: 502\nthe connector went away\n" };

export function createFront(cloud: CloudflareCloud, registry: LinkRegistry): Server {
  const server = createServer({
    // Requests stream for as long as they like; idle ones are the client's business.
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    maxHeaderSize: HEADER_LIMIT,
    // Any other upgrade is an offer that may be passed over.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const route = findRoute(cloud, registry, request);
    if ("status" in route) refuse(response, route);
    else forward(route, request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const route = findRoute(cloud, registry, request);
    if ("status" in route) socket.end(refusalText(route));
    else upgrade(route, request, socket, head);
  });
  return server;
}

function findRoute(
  cloud: CloudflareCloud,
  registry: LinkRegistry,
  { url = "/" }: IncomingMessage,
): Route | Refusal {
  const address = parseAddress(url);
  if (address === undefined) return NO_HOST;
  const found = cloud.resolve(address.host);
  if (found === undefined) return NO_RECORD;
  const link = found.tunnel && registry.pick(found.tunnel.id);
  return link === undefined ? NO_CONNECTOR : { address, link };
}

function refuse(response: ServerResponse, { status, text }: Refusal): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-type": "text/plain" }).end(text);
}

function refusalText({ status, text }: Refusal): string {
  return `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`;
}

function outgoingHeaders({ headers }: IncomingMessage, { host, path }: Address) {
  const { host: listener = "", ...kept } = endToEnd(headers);
  const origin = headers.origin;
  return {
    ...kept,
    ...(origin === undefined ? {} : { origin: inboundOrigin(origin, String(listener), host) }),
    ":scheme": "https",
    ":authority": host,
    ":path": path,
  };
}

function answerHeaders(headers: Parameters<typeof endToEnd>[0], request: IncomingMessage, { host }: Address) {
  const { location, ...kept } = endToEnd(headers);
  if (location === undefined) return kept;
  return { ...kept, location: outboundLocation(String(location), request.headers.host ?? "", host) };
}

function forward({ address, link }: Route, request: IncomingMessage, response: ServerResponse): void {
  const { headers, method = "GET" } = request;
  const isChunked = headers["transfer-encoding"] !== undefined;
  const hasBody = isChunked || Number(headers["content-length"] ?? 0) > 0;
  let stream: ClientHttp2Stream;
  try {
    stream = link.session.request(
      { ...outgoingHeaders(request, address), ":method": method },
      { endStream: !hasBody, waitForTrailers: isChunked },
    );
  } catch {
    refuse(response, LOST);
    return;
  }
  if (hasBody) sendBody(request, stream);
  stream.on("headers", (early) => {
    if (early[":status"] === 103) hint(response, endToEnd(early) as Record<string, string>);
  });
  stream.on("response", (answer) => {
    try {
      response.writeHead(answer[":status"] ?? 502, answerHeaders(answer, request, address));
    } catch {
      // A service may say what HTTP/1.1 cannot.
      stream.close(constants.NGHTTP2_CANCEL);
      refuse(response, LOST);
      return;
    }
    // As `flushHeaders` does, which would encode them as UTF-8.
    response.write("", "latin1");
    stream.on("trailers", (trailers) => response.addTrailers(endToEnd(trailers) as Record<string, string>));
    stream.pipe(response, { end: false });
    // A stream that was reset ends like one that is complete: only the code tells.
    stream.on("end", () => {
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR) response.end();
      else response.destroy();
    });
  });
  stream.on("error", () => refuse(response, LOST));
  stream.on("close", () => {
    if (!response.writableEnded) refuse(response, LOST);
  });
  response.on("close", () => stream.close(constants.NGHTTP2_CANCEL));
}

/** Hints are optional: one that is malformed is not passed on. */
function hint(response: ServerResponse, headers: Record<string, string>): void {
  try {
    response.writeEarlyHints(headers);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_INVALID_ARG_VALUE") throw error;
  }
}

/** A body that breaks off is not one that ends. */
function sendBody(request: IncomingMessage, stream: ClientHttp2Stream): void {
  request.pipe(stream, { end: false });
  request.on("end", () => stream.end());
  request.on("error", () => stream.close(constants.NGHTTP2_CANCEL));
  // Not at once: where there was no data at all, the end of it is still being written, and trailers sent now would be lost.
  stream.on("wantTrailers", () => {
    setImmediate(() => {
      if (!stream.destroyed && !stream.closed) stream.sendTrailers(endToEnd(request.trailers));
    });
  });
}

/** After the handshake the edge is a pipe; the handshake itself is the service's to answer. */
function upgrade({ address, link }: Route, request: IncomingMessage, client: Duplex, head: Buffer): void {
  client.on("error", () => client.destroy());
  let stream: ClientHttp2Stream;
  try {
    stream = link.session.request(
      { ...outgoingHeaders(request, address), ":method": "CONNECT", ":protocol": "websocket" },
      { endStream: false },
    );
  } catch {
    client.end(refusalText(LOST));
    return;
  }
  let isAnswered = false;
  stream.on("response", (answer) => {
    isAnswered = true;
    const lines = headerLines(answerHeaders(answer, request, address));
    if (answer[SWITCHED_HEADER] === undefined) {
      client.write(`HTTP/1.1 ${answer[":status"]} Refused\r\n${lines}connection: close\r\n\r\n`, "latin1");
      stream.end();
      stream.pipe(client);
      return;
    }
    client.write(
      `HTTP/1.1 101 Switching Protocols\r\n${lines}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`,
      "latin1",
    );
    if (head.length > 0) stream.write(head);
    stream.pipe(client);
    client.pipe(stream);
  });
  stream.on("error", () => {});
  stream.on("close", () => {
    if (!isAnswered) client.end(refusalText(LOST));
    else if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) client.destroy();
    else client.end();
  });
  client.on("close", () => stream.close(constants.NGHTTP2_CANCEL));
}
