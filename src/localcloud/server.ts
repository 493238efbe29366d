import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import type { CloudflareLimits } from "./cloudflare/cloud.ts";
import { startCloudflare } from "./cloudflare/vendor.ts";
import { egressPolicy } from "./egress/policy.ts";
import { EgressProxy } from "./egress/proxy.ts";
import { FlyCloud } from "./fly/engine/cloud.ts";
import { LogStore } from "./fly/log-store.ts";
import { createProxy } from "./fly/proxy/proxy.ts";
import { createApi } from "./fly/routes/api.ts";
import { StateFile } from "./fly/state-file.ts";
import { startHetzner } from "./hetzner/vendor.ts";
import type { ImageStore } from "./images/image.ts";
import { isProbe, probeImage } from "./images/probe.ts";
import { createImageStore } from "./images/store.ts";
import { type Log, silentLog } from "./log.ts";
import { chooseRuntime, type RuntimeName } from "./runtime/choose.ts";
import type { OverallIsolation, Runtime } from "./runtime/runtime.ts";

const SERVER_LIMIT =
  "a Hetzner server's own programs are plain processes, which see this computer's files and network; its containers are machines";

/** Where servers find the stand-in `cloudflared`. */
const CONNECTOR = fileURLToPath(new URL("./cloudflare/bin", import.meta.url));

export interface LocalCloudOptions {
  /** Everything that must survive a restart: records, volumes, disks, logs, installed images. */
  stateDir: string;
  token: string;
  /** 0 or absent: any free one. */
  port?: number;
  proxyPort?: number;
  /** Of Hetzner's API. */
  hetznerPort?: number;
  /** Address to listen on; the machines' contents are only as private as it is. */
  host?: string;
  /** Absent: the best isolation that works here, and Docker for the images that its engine has already. */
  runtime?: RuntimeName;
  /** As `DOCKER_HOST`. Absent: the usual sockets; false: no Docker. */
  dockerHost?: string | false;
  /** Of Cloudflare's API, of the address where visitors reach tunnels, and of the one that connectors dial. */
  cloudflarePorts?: { api?: number; tunnel?: number; edge?: number };
  cloudflareLimits?: Partial<CloudflareLimits>;
  /** The name of Cloudflare's zone; absent: every full name belongs to whatever zone is asked. */
  zone?: string;
  /** Answer as the vendor does when asked too often. */
  rateLimited?: boolean;
  /** `host:port` pairs of this computer that machines may reach all the same. */
  allowEgress?: string[];
  images?: ImageStore;
  log?: Log;
}

export interface LocalCloud {
  /** The API. */
  url: string;
  /** The edge in front of machines. */
  proxyUrl: string;
  /** Cloudflare's API, with its path. */
  cloudflareUrl: string;
  /** Where tunnels are reached: `<tunnelUrl>/<host name>/<path>`. */
  tunnelUrl: string;
  /** `host:port` that connectors dial. */
  tunnelEdge: string;
  /** Hetzner's API, with its path. */
  hetznerUrl: string;
  token: string;
  isolation: OverallIsolation;
  /** What this computer's way of isolating cannot do, for people. */
  limits: string[];
  /** Ends every machine and keeps what must be kept. */
  close(): Promise<void>;
}

/** The probe answers to its name whatever the store makes of the rest. */
function withProbe(images: ImageStore): ImageStore {
  return { resolve: async (ref, context) => (isProbe(ref) ? probeImage() : images.resolve(ref, context)) };
}

/** What the runtime has itself comes first. */
function withRuntime(runtime: Runtime, images: ImageStore): ImageStore {
  return {
    resolve: async (ref, context) => (await runtime.resolve?.(ref, context)) ?? images.resolve(ref, context),
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : port;
}

async function shut(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** The machines' own connections are known here only as upgraded sockets, which `closeAllConnections` does not see. */
function trackSockets(server: Server): () => void {
  const sockets = new Set<import("node:net").Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { token, host = "127.0.0.1", log = silentLog, rateLimited = false } = options;
  const dir = resolve(options.stateDir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const scope = `localcloud-${createHash("sha256").update(dir).digest("hex").slice(0, 10)}`;
  const runtime = await chooseRuntime({ wanted: options.runtime, scope, dockerHost: options.dockerHost });
  const state = new StateFile(dir, (error) => log("state.write.failed", { reason: String(error) }));
  const logs = new LogStore(join(dir, "logs"));
  await logs.load(state.apps.keys());

  const images = withProbe(
    withRuntime(runtime, options.images ?? createImageStore({ cacheDir: join(dir, "images") })),
  );
  const ports: number[] = [];
  const egress = new EgressProxy(egressPolicy(options.allowEgress ?? [], () => ports));
  const cloud = new FlyCloud({
    state,
    runtime,
    logs,
    log,
    images,
    machineDir: (id) => join(dir, "machines", id),
    volumeDir: (id) => join(dir, "volumes", id),
    serveEgress: (listener) => egress.serve(listener),
  });

  const api = createApi({ cloud, owner: "local@tokens.fly.io", token, rateLimited, log });
  const apiServer = createServer(
    { requestTimeout: 0 },
    getRequestListener(api.fetch, { overrideGlobalObjects: false }),
  );
  const proxyServer = createProxy(cloud);
  const dropSockets = trackSockets(proxyServer);
  ports.push(
    await listen(apiServer, options.port ?? 0, host),
    await listen(proxyServer, options.proxyPort ?? 0, host),
  );
  const { cloudflarePorts, cloudflareLimits: limits, zone } = options;
  const cloudflare = await startCloudflare({
    stateDir: dir,
    token,
    host,
    ports: cloudflarePorts ?? {},
    rateLimited,
    limits,
    zone,
    log,
  });
  ports.push(...cloudflare.ports);
  const hetzner = await startHetzner({
    stateDir: dir,
    token,
    host,
    port: options.hetznerPort ?? 0,
    rate: { refuses: rateLimited },
    scope,
    runtime,
    images,
    log,
    env: { TUNNEL_EDGE: cloudflare.tunnelEdge },
    programs: [CONNECTOR],
    serveEgress: (listener) => egress.serve(listener),
  });
  ports.push(hetzner.port);
  await cloud.recover();

  const urlHost = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${urlHost}:${ports[0]}`,
    proxyUrl: `http://${urlHost}:${ports[1]}`,
    cloudflareUrl: cloudflare.url,
    tunnelUrl: cloudflare.tunnelUrl,
    tunnelEdge: cloudflare.tunnelEdge,
    hetznerUrl: hetzner.url,
    token,
    isolation: runtime.isolation,
    limits: [...runtime.limits, SERVER_LIMIT],
    async close() {
      dropSockets();
      await Promise.all([shut(apiServer), shut(proxyServer), hetzner.close()]);
      await cloudflare.close();
      await cloud.close();
      egress.close();
      await state.saved();
      await logs.close();
      await runtime.close();
    },
  };
}
