import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { findAsset } from "./assets.ts";
import { pageDocument } from "./document.ts";
import type { PageOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { serveTerminal } from "./sockets.ts";

const HEADERS = {
  // The terminal library sets its colours and sizes by style elements.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** The page, its health and its terminal on one port. */
export function createPageServer(options: PageOptions, session: Session): Server {
  const document = pageDocument(options);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      process.stderr.write(`page: ${error instanceof Error ? error.message : String(error)}\n`);
      response.destroy();
    });
  });
  serveTerminal(server, session);
  return server;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const send = (status: number, type: string, body: string | Buffer): void => {
      response.writeHead(status, {
        ...HEADERS,
        "content-type": type,
        "content-length": Buffer.byteLength(body),
      });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
      return send(405, "text/plain; charset=utf-8", "Only GET and HEAD.\n");
    }
    if (pathname === "/") return send(200, "text/html; charset=utf-8", document);
    if (pathname === "/healthz" || pathname === options.facts.healthPath) {
      const { title, real } = options.facts;
      return send(
        200,
        "application/json",
        JSON.stringify({ ok: true, title, real, session: session.isRunning }),
      );
    }
    const asset = await findAsset(pathname);
    if (!asset) return send(404, "text/plain; charset=utf-8", "Not found.\n");
    response.setHeader("etag", asset.etag);
    if (request.headers["if-none-match"] === asset.etag) {
      response.writeHead(304, HEADERS).end();
      return;
    }
    send(200, asset.type, asset.body);
  }
}
