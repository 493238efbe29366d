import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { Server } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CloudflareLimits } from "./cloudflare/cloud.ts";
import { startCloudflare } from "./cloudflare/vendor.ts";
import type { Size } from "./daytona/quotas.ts";
import { startDaytona } from "./daytona/vendor.ts";
import { egressPolicy } from "./egress/policy.ts";
import { EgressProxy } from "./egress/proxy.ts";
import { startFly } from "./fly/vendor.ts";
import { startHetzner } from "./hetzner/vendor.ts";
import type { ImageStore } from "./images/image.ts";
import { isProbe, probeImage } from "./images/probe.ts";
import { createImageStore } from "./images/store.ts";
import { type Log, silentLog } from "./log.ts";
import { startOpenid } from "./openid/vendor.ts";
import { chooseRuntime, type RuntimeName } from "./runtime/choose.ts";
import type { OverallIsolation, Runtime } from "./runtime/runtime.ts";
import type { World } from "./world.ts";

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
  daytonaPort?: number;
  /** Of Hetzner's API. */
  hetznerPort?: number;
  /** Absent: servers run here; `external`: something outside plays them, see `hetzner/server/external-server.ts`. */
  servers?: "external";
  /** Of the identity provider, and where it may send people back to. */
  openidPort?: number;
  openidRedirects?: string[];
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
  /** What Daytona lets its organization have; absent: more than a computer has. */
  daytonaQuota?: Size;
  /** How long a minute of Daytona's intervals lasts; absent: a minute. */
  daytonaMinuteMs?: number;
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
  /** Daytona's platform API. */
  daytonaUrl: string;
  /** Daytona's toolboxes; `{id}` is the sandbox. */
  daytonaToolboxUrl: string;
  /** Hetzner's API, with its path. */
  hetznerUrl: string;
  /** The identity provider's issuer. */
  openidUrl: string;
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

export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { token, host = "127.0.0.1", log = silentLog, rateLimited = false } = options;
  const dir = resolve(options.stateDir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const scope = `localcloud-${createHash("sha256").update(dir).digest("hex").slice(0, 10)}`;
  const runtime = await chooseRuntime({ wanted: options.runtime, scope, dockerHost: options.dockerHost });
  const store = options.images ?? createImageStore({ cacheDir: join(dir, "images") });
  const images = withProbe(withRuntime(runtime, store));
  const vendors: { ports: number[]; close(): Promise<void> }[] = [];
  // What we listen on ourselves is out of the machines' reach.
  const ownPorts = () => vendors.flatMap(({ ports }) => ports);
  const egress = new EgressProxy(egressPolicy(options.allowEgress ?? [], ownPorts));
  const serveEgress = (listener: Server) => egress.serve(listener);
  const world: World = { dir, host, token, rateLimited, log, runtime, images, scope, serveEgress };

  const fly = await startFly(world, { api: options.port, proxy: options.proxyPort });
  vendors.push(fly);
  const { cloudflarePorts = {}, cloudflareLimits: limits, zone } = options;
  const cloudflare = await startCloudflare(world, { ports: cloudflarePorts, limits, zone });
  vendors.push(cloudflare);
  const { daytonaPort, daytonaQuota: quota, daytonaMinuteMs: minuteMs } = options;
  const daytona = await startDaytona(world, { port: daytonaPort, quota, minuteMs });
  vendors.push(daytona);
  const env = { TUNNEL_EDGE: cloudflare.tunnelEdge };
  const hasExternalServers = options.servers === "external";
  const { hetznerPort } = options;
  const hetzner = await startHetzner(world, {
    port: hetznerPort,
    env,
    programs: [CONNECTOR],
    hasExternalServers,
  });
  vendors.push(hetzner);
  const { openidPort, openidRedirects: redirectUris = [] } = options;
  const openid = await startOpenid(world, { port: openidPort, redirectUris });
  vendors.push(openid);

  return {
    url: fly.url,
    proxyUrl: fly.proxyUrl,
    cloudflareUrl: cloudflare.url,
    tunnelUrl: cloudflare.tunnelUrl,
    tunnelEdge: cloudflare.tunnelEdge,
    daytonaUrl: daytona.url,
    daytonaToolboxUrl: daytona.toolboxUrl,
    hetznerUrl: hetzner.url,
    openidUrl: openid.url,
    token,
    isolation: runtime.isolation,
    limits: [...runtime.limits, SERVER_LIMIT],
    async close() {
      // Servers first: their connectors and containers stand on the others.
      await hetzner.close();
      await Promise.all([fly, cloudflare, daytona, openid].map((vendor) => vendor.close()));
      egress.close();
      await runtime.close();
    },
  };
}
