/**
 * `/ws` echoes, and chooses the second of the subprotocols it is offered. A text that begins with `!` is an order: `!close <code> <reason>`,
 * `!ping`, `!size <n>`, `!cut`. `/ws/<name>` also tells `/closed/<name>` how it ended. `/ws-refused` answers 403.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { held } from "./held.ts";

const endings = new Map<string, number[]>();

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: 64 * 1024 * 1024,
  handleProtocols: (offered) => [...offered][1] ?? [...offered][0] ?? false,
});

function obey(socket: WebSocket, order: string): void {
  const [word, first, ...rest] = order.slice(1).split(" ");
  if (word === "close") socket.close(Number(first), rest.join(" "));
  if (word === "cut") socket.terminate();
  if (word === "size") socket.send(Buffer.alloc(Number(first), "x"));
  if (word === "ping") {
    socket.once("pong", (data) => socket.send(`pong ${String(data)}`));
    socket.ping("from the agent");
  }
}

sockets.on("connection", (socket: WebSocket, request: IncomingMessage) => {
  const { pathname } = new URL(request.url ?? "/", "http://probe");
  const name = pathname.split("/")[2];
  socket.on("message", (data, isBinary) => {
    const order = isBinary ? "" : String(data);
    if (order.startsWith("!headers")) socket.send(JSON.stringify(request.headers));
    else if (order.startsWith("!")) obey(socket, order);
    else socket.send(data, { binary: isBinary });
  });
  socket.on("close", (code) => {
    if (name !== undefined) endings.set(name, [...(endings.get(name) ?? []), code]);
  });
  socket.on("error", () => {});
});

held.closed = (_, response, [name = ""]) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(endings.get(name) ?? []));
};

export function serveSockets(server: Server): void {
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname } = new URL(request.url ?? "/", "http://probe");
    if (pathname === "/ws" || pathname.startsWith("/ws/")) {
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request));
      return;
    }
    socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
  });
}
