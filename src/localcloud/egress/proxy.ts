/** The way out of machines that have a network of their own: an HTTP proxy, with CONNECT for everything that is not plain HTTP. */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect, type Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type EgressPolicy, EgressRefusedError } from "./policy.ts";

const HOP_BY_HOP = new Set([
  "proxy-connection",
  "proxy-authorization",
  "connection",
  "keep-alive",
  "te",
  "upgrade",
]);

function reasonOf(error: unknown): { status: 403 | 502; text: string } {
  if (error instanceof EgressRefusedError) return { status: 403, text: error.message };
  return { status: 502, text: error instanceof Error ? error.message : String(error) };
}

/** The first of the addresses that answers. */
async function dial(policy: EgressPolicy, host: string, port: number): Promise<Socket> {
  let last: unknown;
  for (const address of await policy.resolve(host, port)) {
    const socket = connect({ host: address, port });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
      return socket;
    } catch (error) {
      last = error;
    }
  }
  throw last ?? new Error(`${host} has no address`);
}

function splitAuthority(authority: string): { host: string; port: number } {
  const url = new URL(`http://${authority}`);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(authority.match(/:(\d+)$/)?.[1] ?? 443) };
}

export class EgressProxy {
  private readonly policy: EgressPolicy;
  private readonly server: Server;
  private readonly listeners = new Set<NetServer>();

  constructor(policy: EgressPolicy) {
    this.policy = policy;
    this.server = createServer((request, response) => void this.forward(request, response));
    this.server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.tunnel(request.url ?? "", socket, head);
    });
  }

  /** Answers whoever calls this listener, which lies in a machine's network. */
  serve(listener: NetServer): void {
    this.listeners.add(listener);
    listener.on("close", () => this.listeners.delete(listener));
    listener.on("error", () => {});
    listener.on("connection", (socket) => this.server.emit("connection", socket));
    // The machine's own life decides how long it is there, not this.
    listener.unref();
  }

  close(): void {
    for (const listener of this.listeners) listener.close();
    this.server.closeAllConnections();
  }

  private async tunnel(authority: string, client: Duplex, head: Buffer): Promise<void> {
    client.on("error", () => client.destroy());
    try {
      const { host, port } = splitAuthority(authority);
      const upstream = await dial(this.policy, host, port);
      upstream.on("error", () => client.destroy());
      upstream.on("close", () => client.destroy());
      client.on("close", () => upstream.destroy());
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    } catch (error) {
      const { status, text } = reasonOf(error);
      const reason = status === 403 ? "Forbidden" : "Bad Gateway";
      client.end(
        `HTTP/1.1 ${status} ${reason}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
    }
  }

  private async forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(incoming.url ?? "");
      if (url.protocol !== "http:") throw new EgressRefusedError("only http:// is forwarded; use CONNECT");
      const port = Number(url.port || 80);
      const socket = await dial(this.policy, url.hostname.replace(/^\[|\]$/g, ""), port);
      const headers = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.has(name));
      const outgoing = httpRequest({
        method: incoming.method,
        path: `${url.pathname}${url.search}`,
        headers: { ...Object.fromEntries(headers), connection: "close" },
        createConnection: () => socket,
      });
      outgoing.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.on("error", () => response.destroy());
      response.on("close", () => outgoing.destroy());
      incoming.pipe(outgoing);
    } catch (error) {
      const { status, text } = reasonOf(error);
      response.writeHead(status, { "content-type": "text/plain" }).end(text);
    }
  }
}
