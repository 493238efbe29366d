import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import type { Socket } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { deferred } from "./deferred.ts";

/** An engine that is there answers at once; one that hangs must not hold up the start of everything. */
const PING_MS = 2_000;
/** Docker's own place, and where Docker Desktop puts it for one user. */
const USUAL_SOCKETS = ["/var/run/docker.sock", join(homedir(), ".docker/run/docker.sock")];

export interface Call {
  query?: Record<string, string>;
  body?: object;
  /** Instead of `body`. */
  tar?: Uint8Array;
  /** Gives up when not a byte has come for so long. */
  silenceMs?: number;
}

/** The engine understood and refused. */
export class EngineError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** For what may be gone already. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  });
}

/** The Engine API over its socket, as much of it as a machine needs. */
export class Engine {
  readonly socketPath: string;
  private readonly prefix: string;

  constructor(socketPath: string, apiVersion?: string) {
    this.socketPath = socketPath;
    this.prefix = apiVersion === undefined ? "" : `/v${apiVersion}`;
  }

  /** The answer's shape is the API's promise, and is not checked again here. */
  async call<T = void>(method: string, path: string, call: Call = {}): Promise<T> {
    const answer = await this.send(method, path, call);
    const text = await textOf(answer);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** An answer that comes as one JSON object a line, while something goes on. */
  async *follow<T>(method: string, path: string, call: Call = {}): AsyncGenerator<T> {
    const answer = await this.send(method, path, call);
    for await (const line of createInterface({ input: answer })) {
      if (line !== "") yield JSON.parse(line) as T;
    }
  }

  /** An answer that is bytes, for as long as they come. */
  stream(method: string, path: string, call: Call = {}): Promise<IncomingMessage> {
    return this.send(method, path, call);
  }

  /** Turns the request's own connection into the byte stream of a container or a command in it. */
  hijack(path: string, { query, body }: Call = {}): Promise<Socket> {
    const { promise, resolve, reject } = deferred<Socket>();
    const outgoing = this.open("POST", path, query, {
      "content-type": "application/json",
      connection: "Upgrade",
      upgrade: "tcp",
    });
    outgoing.once("upgrade", (_answer, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      // It breaks when the engine goes away, which whoever reads it sees as its end.
      socket.on("error", () => socket.destroy());
      resolve(socket);
    });
    outgoing.once("response", (answer) => {
      refuse(answer).catch(reject);
    });
    outgoing.once("error", (error) => reject(unreachable(error)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  }

  private async send(
    method: string,
    path: string,
    { query, body, tar, silenceMs }: Call,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = deferred<IncomingMessage>();
    const outgoing = this.open(method, path, query, {
      "content-type": tar ? "application/x-tar" : "application/json",
    });
    outgoing.once("response", resolve);
    outgoing.once("error", (error) => reject(unreachable(error)));
    if (silenceMs !== undefined) {
      const given = new Error(`nothing was heard for ${silenceMs / 1000} s`);
      outgoing.setTimeout(silenceMs, () => outgoing.destroy(given));
    }
    outgoing.end(tar ?? (body === undefined ? undefined : JSON.stringify(body)));
    const answer = await promise;
    return (answer.statusCode ?? 500) < 400 ? answer : refuse(answer);
  }

  private open(
    method: string,
    path: string,
    query: Record<string, string> = {},
    headers: RequestOptions["headers"] = {},
  ): ClientRequest {
    const search = new URLSearchParams(query).toString();
    return request({
      socketPath: this.socketPath,
      method,
      path: `${this.prefix}${path}${search && `?${search}`}`,
      headers: { host: "docker", ...headers },
      // A connection costs nothing on a socket of this computer, and a kept one would hold up the end of the program.
      agent: false,
    });
  }
}

function unreachable({ message }: Error): Error {
  return new Error(`the Docker engine does not answer (${message})`);
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

/** @throws always, with the engine's reason. */
async function refuse(answer: IncomingMessage): Promise<never> {
  const text = await textOf(answer);
  throw new EngineError(
    answer.statusCode ?? 500,
    reasonIn(text) ?? `the engine answered ${answer.statusCode}`,
  );
}

function reasonIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: string };
    return message;
  } catch {
    return text.trim() || undefined;
  }
}

/** `DOCKER_HOST` as Docker's own command reads it; only a socket of this computer shares its folders with machines. */
function socketsOf(host: string | undefined): string[] | undefined {
  if (!host) return USUAL_SOCKETS;
  return host.startsWith("unix://") ? [host.slice("unix://".length)] : undefined;
}

/** The engine that answers, or why there is none. */
export async function findEngine(host: string | undefined): Promise<Engine | { reason: string }> {
  const sockets = socketsOf(host);
  if (!sockets) return { reason: `${host} is not a socket of this computer (unix://…)` };
  const reasons: string[] = [];
  for (const socketPath of sockets) {
    try {
      const apiVersion = await ping(socketPath);
      return new Engine(socketPath, apiVersion);
    } catch (error) {
      reasons.push(`${socketPath}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { reason: `no Docker engine answers (${reasons.join("; ")})` };
}

/** The newest version of the API that this engine speaks. */
async function ping(socketPath: string): Promise<string | undefined> {
  const { promise, resolve, reject } = deferred<string | undefined>();
  const outgoing = request({
    socketPath,
    path: "/_ping",
    agent: false,
    signal: AbortSignal.timeout(PING_MS),
  });
  outgoing.once("error", reject);
  outgoing.once("response", (answer) => {
    answer.resume();
    if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
    else resolve(answer.headers["api-version"]?.toString());
  });
  outgoing.end();
  return promise;
}
