/** The vendor as a whole: its API, the edge that visitors reach, and the edge that connectors dial. */

import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Log } from "../log.ts";
import { CloudflareCloud, type CloudflareLimits } from "./cloud.ts";
import { createFront } from "./edge/front.ts";
import { acceptLink } from "./edge/link.ts";
import { LinkRegistry } from "./edge/registry.ts";
import { API_PATH, createCloudflareApi } from "./routes/api.ts";
import { CloudflareStateFile } from "./state-file.ts";

/** As documented; a zone's is that of a free one made today. */
const LIMITS: CloudflareLimits = { tunnels: 1_000, records: 200 };

export interface CloudflareOptions {
  stateDir: string;
  token: string;
  host: string;
  /** 0 or absent: any free one. Connectors come back to the edge's after a restart only if it is the same. */
  ports: { api?: number; tunnel?: number; edge?: number };
  rateLimited: boolean;
  limits?: Partial<CloudflareLimits> | undefined;
  zone?: string | undefined;
  log: Log;
}

export interface CloudflareVendor {
  /** Of the API, with its path. */
  url: string;
  /** Where visitors reach tunnels: `<tunnelUrl>/<host name>/<path>`. */
  tunnelUrl: string;
  /** `host:port` that connectors dial. */
  tunnelEdge: string;
  /** Of everything that listens. */
  ports: number[];
  close(): Promise<void>;
}

async function listen(server: Server | TcpServer, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : port;
}

/** Also the connections that were upgraded, which the server itself does not know any more. */
function closer(server: Server | TcpServer): () => Promise<void> {
  const sockets = new Set<import("node:net").Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
}

export async function startCloudflare(options: CloudflareOptions): Promise<CloudflareVendor> {
  const { stateDir, token, host, ports, rateLimited, zone, log } = options;
  const state = new CloudflareStateFile(stateDir, (error) =>
    log("cloudflare.write.failed", { reason: String(error) }),
  );
  const registry = new LinkRegistry(state);
  const limits = { ...LIMITS, ...options.limits };
  const cloud = new CloudflareCloud({ state, links: registry, limits, zone });
  const api = createCloudflareApi({ cloud, token, rateLimited, zone, log });
  const servers = [
    createServer({ requestTimeout: 0 }, getRequestListener(api.fetch, { overrideGlobalObjects: false })),
    createFront(cloud, registry),
    createTcpServer((socket) =>
      acceptLink({ socket, registry, findTunnel: (id) => state.tunnels.get(id), log }),
    ),
  ];
  const closers = servers.map(closer);
  const wanted = [ports.api, ports.tunnel, ports.edge];
  const bound: number[] = [];
  for (const [index, server] of servers.entries()) bound.push(await listen(server, wanted[index] ?? 0, host));
  const urlHost = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${urlHost}:${bound[0]}${API_PATH}`,
    tunnelUrl: `http://${urlHost}:${bound[1]}`,
    tunnelEdge: `${urlHost}:${bound[2]}`,
    ports: bound,
    async close() {
      registry.closeAll();
      await Promise.all(closers.map((close) => close()));
      await state.saved();
    },
  };
}
