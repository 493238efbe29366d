import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Cron } from "croner";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as readWranglerToml } from "wrangler";
import { bundleWorker } from "./bundle.ts";
import { type CloudProcess, ZONE } from "./cloud-process.ts";
import { applyMigrations, seedAccount } from "./database.ts";
import { datasetBinding } from "./datasets/plugin.ts";
import type { LocalSecrets } from "./state.ts";

/** What the local cloud can stand in for. */
export const VENDORS = ["fly", "hetzner", "daytona"] as const;
export type Vendor = (typeof VENDORS)[number];

const CLOUDFLARE_ACCOUNT_ID = "0".repeat(32);

export interface ControlPlaneOptions {
  /** The repository's root, where wrangler.toml lies. */
  root: string;
  stateDir: string;
  port: number;
  cloud: Omit<CloudProcess, "exited" | "isolation">;
  /** Vendors that this deployment is to have no token of. */
  without: readonly Vendor[];
  secrets: LocalSecrets;
  /** Where servers reach this; absent: as they do on this computer. */
  hostControlUrl?: string;
  /** The Worker's module, where somebody has begun to make it; absent: it is made now. */
  worker?: Promise<string>;
  /** Called when the runtime had crashed and was restarted. */
  onCrash: () => void;
}

export interface ControlPlane {
  apiUrl: string;
  close: () => Promise<void>;
}

export const workerEntry = (root: string): string => join(root, "src/index.ts");

/** The Worker on workerd, from the same wrangler.toml that is deployed; only variables and secrets are local. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { root, stateDir, port, secrets } = options;
  const { workerOptions } = readWranglerToml(join(root, "wrangler.toml"));
  const crons = (workerOptions.cronTriggers ?? []) as string[];
  const contents = await (options.worker ?? bundleWorker(workerEntry(root)));
  const origin = `http://gentity.localhost:${port}`;
  const apiHosts = ["localhost", "127.0.0.1", "[::1]", new URL(controlUrlOf(options)).hostname];
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      ...workerOptions,
      analyticsEngineDatasets: {},
      unsafeBindings: datasetBindings(workerOptions.analyticsEngineDatasets, options),
      name: "gentity",
      rootPath: root,
      modules: [{ type: "ESModule", path: "index.js", contents }],
      bindings: {
        ...(workerOptions.bindings as object),
        BASE_DOMAIN: ZONE,
        API_HOSTS: apiHosts.join(","),
        PUBLIC_ORIGIN: origin,
        SEALING_KEYS: secrets.sealingKeys,
        AUDIT_SIGNING_KEYS: secrets.auditSigningKeys,
        EDGE_SIGNING_KEYS: secrets.edgeSigningKeys,
        ADMIN_TOKEN: secrets.adminToken,
        ...signInBindings(options),
        ...analyticsBindings(options),
        ...vendorBindings(options),
      },
      // Straight into workerd: the default entry costs two thirds of the throughput.
      unsafeDirectSockets: [{ host: "127.0.0.1", port }],
      stripCfConnectingIp: false,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ level, message }) => writeLog(stateDir, level, message),
      unsafeHandleRuntimeRestart: options.onCrash,
    }),
    resourcePersistencePath: join(stateDir, "worker"),
  });
  await miniflare.ready;
  const db = await miniflare.getD1Database("DB");
  await applyMigrations(db, join(root, "migrations"));
  await seedAccount(db, secrets);
  const stopCrons = await startCrons(miniflare, crons, (error) => writeLog(stateDir, "error", String(error)));
  return {
    apiUrl: `http://localhost:${port}`,
    close: async () => {
      stopCrons();
      await miniflare.dispose();
    },
  };
}

/** What the Worker writes of its requests goes to the local cloud, and is read there. */
function datasetBindings(declared: unknown, { cloud, secrets }: ControlPlaneOptions) {
  return Object.entries((declared ?? {}) as Record<string, { dataset: string }>).map(
    ([name, { dataset }]) => {
      const { href: url } = new URL(`/_control/datasets/${dataset}`, cloud.cloudflareUrl);
      return datasetBinding(name, { url, token: secrets.cloudToken });
    },
  );
}

/** Whoever reaches this computer's own ports may be anybody, and have an account. */
function signInBindings({ cloud, secrets }: ControlPlaneOptions): Record<string, string> {
  return {
    OIDC_ISSUER: cloud.openidUrl,
    OIDC_CLIENT_ID: "gentity",
    OIDC_CLIENT_SECRET: secrets.cloudToken,
    OIDC_ALLOW: "*",
  };
}

function analyticsBindings({ cloud, secrets }: ControlPlaneOptions): Record<string, string> {
  return {
    ANALYTICS_API_URL: cloud.cloudflareUrl,
    ANALYTICS_API_TOKEN: secrets.cloudToken,
    CLOUDFLARE_ACCOUNT_ID,
  };
}

/** Where the local cloud plays the vendors. One without a token is not configured, as far as the Worker can see. */
function vendorBindings(options: ControlPlaneOptions): Record<string, string> {
  const { cloud, without, secrets } = options;
  const bindings: Record<Vendor, Record<string, string>> = {
    fly: {
      FLY_API_URL: cloud.cloudUrl,
      FLY_LOGS_URL: cloud.cloudUrl,
      FLY_APP_URL: cloud.proxyUrl,
      FLY_API_TOKEN: secrets.cloudToken,
    },
    hetzner: {
      HETZNER_API_URL: cloud.hetznerUrl,
      HETZNER_API_TOKEN: secrets.cloudToken,
      CLOUDFLARE_API_URL: cloud.cloudflareUrl,
      CLOUDFLARE_API_TOKEN: secrets.cloudToken,
      CLOUDFLARE_ACCOUNT_ID,
      CLOUDFLARE_ZONE_ID: "1".repeat(32),
      TUNNEL_ORIGIN_URL: `${cloud.tunnelUrl}/{host}`,
      HOST_SECRET: secrets.hostSecret,
      HOST_CONTROL_URL: controlUrlOf(options),
      // A Fly machine is up in a second and can be suspended: the better thing to begin with.
      DEFAULT_PROVIDER: without.includes("fly") ? "hetzner" : "fly",
    },
    daytona: {
      DAYTONA_API_URL: cloud.daytonaUrl,
      DAYTONA_TOOLBOX_URL: cloud.daytonaToolboxUrl,
      DAYTONA_API_KEY: secrets.cloudToken,
    },
  };
  const used = VENDORS.filter((vendor) => !without.includes(vendor));
  return Object.assign({}, ...used.map((vendor) => bindings[vendor]));
}

/** Node looks up no name below localhost. */
function controlUrlOf(options: ControlPlaneOptions): string {
  return options.hostControlUrl ?? `http://127.0.0.1:${options.port}`;
}

/** Miniflare does not run crons by itself. At the start it is made up for what a computer that was off has missed. */
async function startCrons(
  miniflare: Miniflare,
  patterns: string[],
  onError: (error: unknown) => void,
): Promise<() => void> {
  const worker = await miniflare.getWorker();
  const jobs = patterns.map(
    (pattern) =>
      new Cron(pattern, { timezone: "UTC", protect: true, catch: onError }, async () => {
        await worker.scheduled({ cron: pattern });
      }),
  );
  for (const job of jobs) {
    void job.trigger();
  }
  return () => {
    for (const job of jobs) {
      job.stop();
    }
  };
}

function writeLog(stateDir: string, level: string, message: string): void {
  appendFileSync(join(stateDir, "worker.log"), `${new Date().toISOString()} ${level} ${message}\n`, {
    mode: 0o600,
  });
  if (level === "error") {
    console.error(message);
  }
}
