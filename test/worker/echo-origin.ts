import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

// An import would find the build for browsers, since the tests' own modules are resolved for a Worker.
const { WebSocketServer } = createRequire(import.meta.url)("ws") as typeof import("ws");

/**
 * An agent that tells what it was sent, as JSON or as a socket's first message. `X-Say` makes it answer with headers, as JSON pairs;
 * of a WebSocket's subprotocols it takes `chat`.
 */
export async function startEchoOrigin(): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const told = JSON.stringify({ method: request.method, url: request.url, headers: request.headers });
    for (const [name, value] of JSON.parse(String(request.headers["x-say"] ?? "[]")) as [string, string][]) {
      response.appendHeader(name, value);
    }
    response.statusCode = Number(request.headers["x-status"] ?? 200);
    response.setHeader("Content-Type", "application/json");
    response.end(told);
  });
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (offered) => (offered.has("chat") ? "chat" : false),
  });
  sockets.on("connection", (socket, request) => {
    socket.send(JSON.stringify({ url: request.url, headers: request.headers }));
    socket.on("message", (data) => socket.send(`echo ${data}`));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
