/** HTTP as the engine speaks it on its socket: routes, refusals as `{ message }`, and connections that are taken over. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import * as z from "zod";
import type { Log } from "../log.ts";
import type { DockerEngine } from "./engine.ts";
import { badRequest, Refusal } from "./refusal.ts";
import { attachRoute } from "./routes/attach.ts";
import { containerRoutes } from "./routes/containers.ts";
import { execRoutes, execStartRoute } from "./routes/execs.ts";
import { fileRoutes } from "./routes/files.ts";
import { imageRoutes } from "./routes/images.ts";
import { lifecycleRoutes } from "./routes/lifecycle.ts";
import { logRoutes } from "./routes/logs.ts";
import type { Call, Hijack, Route } from "./routes/route.ts";
import { systemRoutes } from "./routes/system.ts";

const ROUTES: readonly Route[] = [
  ...systemRoutes,
  ...imageRoutes,
  ...containerRoutes,
  ...lifecycleRoutes,
  ...logRoutes,
  ...fileRoutes,
  ...execRoutes,
];
const HIJACKS: readonly Hijack[] = [execStartRoute, attachRoute];

const VERSION_PREFIX = /^\/v\d+\.\d+(?=\/)/;

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
}

function asked({ method = "GET", url = "/" }: IncomingMessage): Asked {
  const { pathname, searchParams } = new URL(url, "http://engine");
  return { method, path: pathname.replace(VERSION_PREFIX, ""), query: searchParams };
}

function match(pattern: RegExp, path: string): string[] | undefined {
  return path.match(pattern)?.slice(1).map(decodeURIComponent);
}

export async function handle(
  engine: DockerEngine,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): Promise<void> {
  const { method, path, query } = asked(request);
  try {
    for (const route of ROUTES) {
      const params = route.method === method ? match(route.path, path) : undefined;
      if (!params) continue;
      const [id = ""] = params;
      const call: Call = { engine, id, query, request, response };
      await route.run(call);
      return;
    }
    throw new Refusal(404, "page not found");
  } catch (error) {
    if (!(error instanceof Refusal)) {
      log("engine.error", {
        path,
        reason: error instanceof Error ? (error.stack ?? error.message) : "unknown",
      });
    }
    refuse(response, error);
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, message } = refusalOf(error);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ message }));
}

function refusalOf(error: unknown): { status: number; message: string } {
  if (error instanceof Refusal) return error;
  if (error instanceof z.ZodError) return badRequest(z.prettifyError(error));
  return { status: 500, message: error instanceof Error ? error.message : String(error) };
}

/** The request's body comes first on the connection, and then whatever the caller has to say. */
async function takeBody(socket: Socket, head: Buffer, length: number): Promise<string> {
  let bytes = head;
  while (bytes.length < length) {
    const part = await new Promise<Buffer | null>((resolve) => {
      socket.once("data", resolve);
      socket.once("end", () => resolve(null));
    });
    socket.pause();
    if (part === null) break;
    bytes = Buffer.concat([bytes, part]);
  }
  if (bytes.length > length) socket.unshift(bytes.subarray(length));
  return bytes.toString("utf8", 0, length);
}

export async function handleUpgrade(
  engine: DockerEngine,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  socket.on("error", () => socket.destroy());
  const { path, query } = asked(request);
  try {
    const body = await takeBody(socket, head, Number(request.headers["content-length"] ?? 0));
    for (const { path: pattern, run } of HIJACKS) {
      const [id] = match(pattern, path) ?? [];
      if (id === undefined) continue;
      run({ engine, id, query, body, socket });
      return;
    }
    throw new Refusal(404, "page not found");
  } catch (error) {
    const { status, message } = refusalOf(error);
    const text = JSON.stringify({ message });
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    );
  }
}
