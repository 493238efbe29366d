/** The vendor as a whole: its API, the edge that visitors reach, and the edge that connectors dial. */
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { listen, serveApi, urlHostOf } from "../listener.ts";
import type { VendorWorld } from "../world.ts";
import { AnalyticsStore } from "./analytics/store.ts";
import { CloudflareCloud, type CloudflareLimits } from "./cloud.ts";
import { createFront } from "./edge/front.ts";
import { acceptLink } from "./edge/link.ts";
import { LinkRegistry } from "./edge/registry.ts";
import { API_PATH, createCloudflareApi } from "./routes/api.ts";
import { CloudflareStateFile } from "./state-file.ts";

/** As documented; a zone's is that of a free one made today. */
const LIMITS: CloudflareLimits = { tunnels: 1_000, records: 200 };

export interface CloudflareOptions {
  /** 0 or absent: any free one. Connectors come back to the edge's after a restart only if it is the same. */
  ports: { api?: number; tunnel?: number; edge?: number };
  limits?: Partial<CloudflareLimits> | undefined;
  zone?: string | undefined;
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

export async function startCloudflare(
  world: VendorWorld,
  options: CloudflareOptions,
): Promise<CloudflareVendor> {
  const { dir, token, host, rateLimited, log } = world;
  const { zone, ports } = options;
  const state = new CloudflareStateFile(dir, (error) =>
    log("cloudflare.write.failed", { reason: String(error) }),
  );
  const registry = new LinkRegistry(state);
  const limits = { ...LIMITS, ...options.limits };
  const cloud = new CloudflareCloud({ state, links: registry, limits, zone });
  const analytics = new AnalyticsStore(join(dir, "analytics.sqlite"));
  const api = createCloudflareApi({ cloud, analytics, token, rateLimited, zone, log });
  const edge = createTcpServer((socket) =>
    acceptLink({ socket, registry, findTunnel: (id) => state.tunnels.get(id), log }),
  );
  const listeners = [
    await listen(serveApi(api), ports.api ?? 0, host),
    await listen(createFront(cloud, registry), ports.tunnel ?? 0, host),
    await listen(edge, ports.edge ?? 0, host),
  ];
  const bound = listeners.map(({ port }) => port);
  const urlHost = urlHostOf(host);
  return {
    url: `http://${urlHost}:${bound[0]}${API_PATH}`,
    tunnelUrl: `http://${urlHost}:${bound[1]}`,
    tunnelEdge: `${urlHost}:${bound[2]}`,
    ports: bound,
    async close() {
      registry.closeAll();
      await Promise.all(listeners.map((listener) => listener.close()));
      analytics.close();
      await state.saved();
    },
  };
}
