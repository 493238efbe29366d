import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isOwnOrigin } from "./origin.ts";
import { parseFromTab, type ToTab } from "./protocol.ts";
import type { Session, Tab } from "./session.ts";

export const TERMINAL_PATH = "/terminal";

/** A pasted file fits; a flood does not. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A tab whose computer went to sleep never says goodbye. */
const HEARTBEAT_MS = 30_000;

/** Lets tabs at the session. */
export function serveTerminal(server: Server, session: Session): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    if (pathname !== TERMINAL_PATH) return refuse(socket, "404 Not Found");
    const { origin, host } = request.headers;
    const forwardedHost = [request.headers["x-forwarded-host"]].flat()[0];
    if (!isOwnOrigin({ origin, host, forwardedHost })) return refuse(socket, "403 Forbidden");
    sockets.handleUpgrade(request, socket, head, (opened) => join(opened, session));
  });
}

function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function join(socket: WebSocket, session: Session): void {
  const tab = new SocketTab(socket, session);
  let isAlive = true;
  const heartbeat = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, HEARTBEAT_MS);
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("message", (data) => tab.receive(data.toString()));
  // "close" follows; there is nobody to tell.
  socket.on("error", () => {});
  socket.on("close", () => {
    clearInterval(heartbeat);
    session.detach(tab);
  });
  session.attach(tab);
}

class SocketTab implements Tab {
  private readonly socket: WebSocket;
  private readonly session: Session;
  private undrawn = 0;
  private acknowledges = false;

  constructor(socket: WebSocket, session: Session) {
    this.socket = socket;
    this.session = session;
  }

  send(message: ToTab): void {
    if (message.type === "output") this.undrawn += message.data.length;
    this.socket.send(JSON.stringify(message), () => this.session.drained());
  }

  backlog(): number {
    return this.acknowledges ? this.undrawn : this.socket.bufferedAmount;
  }

  receive(text: string): void {
    const message = parseFromTab(text);
    switch (message?.type) {
      case "input":
        this.session.input(message.data);
        break;
      case "resize":
        this.session.resize(this, message);
        break;
      case "start":
        this.session.start();
        break;
      case "ack":
        this.acknowledges = true;
        this.undrawn = Math.max(0, this.undrawn - message.chars);
        this.session.drained();
        break;
      case undefined:
        break;
      default:
        message satisfies never;
    }
  }
}
