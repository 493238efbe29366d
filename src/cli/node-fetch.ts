import type { ClientRequest, IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** Keeps routers on the way from forgetting a connection on which nothing is said, in milliseconds. */
const KEEP_ALIVE_MS = 30_000;
/** Answers that may not have a body, which `Response` insists on. */
const WITHOUT_BODY = [204, 205, 304];

/**
 * A `fetch` for what the SDK asks of one. Node's own gives up on a stream that is silent for five minutes, and a
 * command may well be silent for longer.
 */
export const nodeFetch: typeof fetch = async (input, init = {}) => {
  const url = new URL(String(input));
  const { request } = await import(url.protocol === "https:" ? "node:https" : "node:http");
  const { method, headers, signal } = init;
  return await new Promise<Response>((resolve, reject) => {
    const sent: ClientRequest = request(url, { method, headers, signal: signal ?? undefined });
    sent.setSocketKeepAlive(true, KEEP_ALIVE_MS);
    // As fetch does it, so that the SDK finds the system's code in the same place.
    sent.once("error", (cause) => reject(new TypeError("fetch failed", { cause })));
    sent.once("response", (message) => resolve(responseOf(url, message)));
    sent.end(init.body);
  });
};

function responseOf(url: URL, message: IncomingMessage): Response {
  const status = message.statusCode ?? 0;
  const isEmpty = WITHOUT_BODY.includes(status);
  if (isEmpty) message.resume();
  // Node's stream and the web's differ only in their declared types.
  const body = isEmpty ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const response = new Response(body, { status, headers });
  // A response that was made rather than fetched has no URL, and errors name it.
  return Object.defineProperty(response, "url", { value: url.href });
}
