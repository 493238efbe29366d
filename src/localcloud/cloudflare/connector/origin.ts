/** Carries one stream of the tunnel to the service behind it, and the answer back. */
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { endToEnd } from "../headers.ts";
import { SWITCHED_HEADER, type WireRule } from "../wire.ts";
import { locate, matchRule, parseService, type Service } from "./ingress.ts";

export interface OriginOptions {
  rules: readonly WireRule[];
  portMapFile: string | undefined;
  log: (text: string) => void;
}

export async function serveStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { rules, portMapFile, log }: OriginOptions,
): Promise<void> {
  stream.on("error", () => {});
  // Before anything is waited for: what ends in the meantime must not be missed.
  const upload = followUpload(stream);
  const host = (headers[":authority"] ?? "").toLowerCase();
  const rule = matchRule(rules, host, (headers[":path"] ?? "/").replace(/[?#].*$/s, ""));
  const service: Service = parseService(rule?.service ?? "http_status:404");
  if (service.type === "status") {
    answer(stream, service.status, "");
  } else if (service.type === "unsupported") {
    log(`ERR service ${service.service} is not supported`);
    answer(stream, 502, "the tunnel's service is not supported\n");
  } else {
    const { host: address, port } = await locate(service, portMapFile);
    const named = rule?.originRequest?.httpHostHeader;
    const options: RequestOptions = {
      host: address,
      port,
      path: headers[":path"],
      setHost: false,
      // One connection for one request: a service that restarts between two leaves no dead one behind.
      agent: false,
      headers: { ...endToEnd(headers), host: typeof named === "string" && named !== "" ? named : host },
    };
    const open = service.secure
      ? (more: RequestOptions) =>
          httpsRequest({ ...more, rejectUnauthorized: rule?.originRequest?.noTLSVerify !== true })
      : httpRequest;
    const fail = (error: Error): void => {
      log(`ERR error="Unable to reach the origin service: ${error.message}" originService=${rule?.service}`);
      answer(stream, 502, "error code: 502\nUnable to reach the origin service\n");
    };
    if (stream.destroyed) return;
    if (headers[":protocol"] === "websocket") upgrade(stream, open, options, fail);
    else exchange(stream, headers, { open, options, upload, fail });
  }
}

type Open = (options: RequestOptions) => ClientRequest;

function answer(stream: ServerHttp2Stream, status: number, text: string): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ":status": status, "content-type": "text/plain" });
  stream.end(text, () => stopUpload(stream));
}

/** What was answered before all of it came needs no more of it. */
function stopUpload(stream: ServerHttp2Stream): void {
  if (!stream.endAfterHeaders && !stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}

interface Upload {
  ended: Promise<void>;
  /** Known once it has ended. */
  trailers: IncomingHttpHeaders;
}

/** An upload without a single byte ends by itself, though nobody reads it. */
function followUpload(stream: ServerHttp2Stream): Upload {
  const upload: Upload = { ended: new Promise((resolve) => stream.once("end", resolve)), trailers: {} };
  stream.on("trailers", (trailers) => {
    upload.trailers = trailers;
  });
  return upload;
}

interface Exchange {
  open: Open;
  options: RequestOptions;
  upload: Upload;
  fail: (error: Error) => void;
}

function exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { open, options, upload, fail }: Exchange,
): void {
  const hasBody = !stream.endAfterHeaders;
  const isChunked = hasBody && headers["content-length"] === undefined;
  const outgoing = open({
    ...options,
    method: headers[":method"],
    headers: {
      ...(options.headers as IncomingHttpHeaders),
      ...(isChunked ? { "transfer-encoding": "chunked" } : {}),
    },
  });
  outgoing.on("error", fail);
  outgoing.on("information", ({ statusCode, headers: early }) => {
    if (statusCode === 103 && !stream.headersSent && !stream.destroyed) {
      stream.additionalHeaders({ ...endToEnd(early), ":status": 103 });
    }
  });
  outgoing.on("response", (incoming) => relay(incoming, stream));
  stream.on("close", () => outgoing.destroy());
  if (!hasBody) {
    outgoing.end();
    return;
  }
  stream.pipe(outgoing, { end: false });
  void upload.ended.then(() => {
    // A stream that was reset ends like one that is complete: the service must not take a torn upload for a whole one.
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || stream.aborted) {
      outgoing.destroy();
      return;
    }
    if (isChunked) outgoing.addTrailers(endToEnd(upload.trailers) as Record<string, string>);
    outgoing.end();
  });
}

function relay(incoming: IncomingMessage, stream: ServerHttp2Stream): void {
  if (stream.destroyed) {
    incoming.destroy();
    return;
  }
  const isChunked = incoming.headers["transfer-encoding"] !== undefined;
  try {
    stream.respond(
      { ...endToEnd(incoming.headers), ":status": incoming.statusCode ?? 502 },
      { waitForTrailers: isChunked },
    );
  } catch {
    // A service may say what HTTP/2 cannot, such as a status of 999.
    incoming.destroy();
    answer(stream, 502, "error code: 502\nThe origin service's answer cannot be passed on\n");
    return;
  }
  stream.on("wantTrailers", () => {
    stream.sendTrailers(endToEnd(incoming.trailers));
    stopUpload(stream);
  });
  const tear = () => stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  incoming.on("error", tear);
  incoming.pipe(stream, { end: false });
  incoming.on("end", () => {
    if (!incoming.complete) {
      tear();
      return;
    }
    stream.end(() => {
      if (!isChunked) stopUpload(stream);
    });
  });
}

function upgrade(
  stream: ServerHttp2Stream,
  open: Open,
  options: RequestOptions,
  fail: (error: Error) => void,
): void {
  const outgoing = open({
    ...options,
    method: "GET",
    headers: { ...(options.headers as IncomingHttpHeaders), connection: "Upgrade", upgrade: "websocket" },
  });
  outgoing.on("error", fail);
  stream.on("close", () => outgoing.destroy());
  outgoing.on("response", (incoming) => relay(incoming, stream));
  outgoing.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const torn = () => stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    socket.on("error", torn);
    stream.on("close", () => socket.destroy());
    if (stream.destroyed) {
      socket.destroy();
      return;
    }
    stream.respond({ ...endToEnd(incoming.headers), ":status": 200, [SWITCHED_HEADER]: "1" });
    if (head.length > 0) stream.write(head);
    socket.pipe(stream);
    stream.pipe(socket);
  });
  outgoing.end();
}
