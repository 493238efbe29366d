/** What every vendor's surface has in common: it listens somewhere, and ends together with all its connections. */
import { createServer, type Server } from "node:http";
import type { Socket, Server as TcpServer } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { ApiEnv } from "./fly/routes/http.ts";

/** Address to listen on, as it stands in a URL. */
export function urlHostOf(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The app is handed the connection as well: an ordered fault may be that it breaks. */
export function serveApi({ fetch }: Pick<Hono<ApiEnv>, "fetch">): Server {
  return createServer({ requestTimeout: 0 }, getRequestListener(fetch, { overrideGlobalObjects: false }));
}

export interface Listener {
  port: number;
  /** Also of the connections that were upgraded, which the server itself does not know any more. */
  close(): Promise<void>;
}

/** @param port 0: any free one. */
export async function listen(server: Server | TcpServer, port: number, host: string): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
