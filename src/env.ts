import type { AccountObject } from "./account/object.ts";
import type { ProvisioningMessage } from "./instance/job.ts";
import type { InstanceObject } from "./instance/object.ts";

/** The raw bindings. This file alone reads them; everything else is handed the slice it needs. */
export interface Env {
  DB: D1Database;
  INSTANCES: DurableObjectNamespace<InstanceObject>;
  ACCOUNTS: DurableObjectNamespace<AccountObject>;
  FLY_QUEUE: Queue<ProvisioningMessage>;
  API_LIMIT: RateLimit;
  MISS_LIMIT: RateLimit;
  EDGE_EVENTS: AnalyticsEngineDataset;
  BASE_DOMAIN: string;
  /** Hosts besides the base domain's own that the API answers on, comma-separated. */
  API_HOSTS?: string;
  /** Scheme, host and port people see, where it is not `https://BASE_DOMAIN`. */
  PUBLIC_ORIGIN?: string;
  SEALING_KEYS?: string;
  AUDIT_SIGNING_KEYS?: string;
  /** The operator's own secret; absent: there is no operator's surface. */
  ADMIN_TOKEN?: string;
  FLY_API_TOKEN?: string;
  FLY_ORG_SLUG?: string;
  FLY_API_URL?: string;
  FLY_LOGS_URL?: string;
  /** How the edge reaches an app; `{app}` is its name. */
  FLY_APP_URL?: string;
}

export interface FlyConfig {
  apiUrl: string;
  logsUrl: string;
  appUrl: string;
  token: string;
  orgSlug: string;
}

export interface Config {
  version: string;
  baseDomain: string;
  apiHosts: string[];
  publicOrigin: URL;
  /** The key ring, current key first; empty when none is set. */
  sealingKeys: { id: string; key: Uint8Array }[];
  /** Ed25519 seeds that sign the audit heads: the first signs, all are published; empty when none is set. */
  auditKeys: { id: string; seed: Uint8Array }[];
  adminToken: string | undefined;
  flyAppUrl: string;
  /** Absent when no vendor token is set: then nothing can be provisioned, and the API says so. */
  fly: FlyConfig | undefined;
}

export const VERSION = "0.1.0";

const memo = new WeakMap<Env, Config>();

/** Parsed once per isolate. @throws Error when a binding is malformed; its message never holds the value. */
export function readConfig(env: Env): Config {
  const known = memo.get(env);
  if (known) {
    return known;
  }
  const flyAppUrl = env.FLY_APP_URL ?? "https://{app}.fly.dev";
  const config: Config = {
    version: VERSION,
    baseDomain: env.BASE_DOMAIN.toLowerCase(),
    apiHosts: (env.API_HOSTS ?? "").split(",").filter((host) => host !== ""),
    publicOrigin: new URL(env.PUBLIC_ORIGIN ?? `https://${env.BASE_DOMAIN}`),
    sealingKeys: parseSealingKeys(env.SEALING_KEYS ?? ""),
    auditKeys: parseAuditKeys(env.AUDIT_SIGNING_KEYS ?? ""),
    adminToken: env.ADMIN_TOKEN || undefined,
    flyAppUrl,
    fly: env.FLY_API_TOKEN
      ? {
          apiUrl: env.FLY_API_URL ?? "https://api.machines.dev",
          logsUrl: env.FLY_LOGS_URL ?? "https://api.fly.io",
          appUrl: flyAppUrl,
          token: env.FLY_API_TOKEN,
          orgSlug: env.FLY_ORG_SLUG ?? "personal",
        }
      : undefined,
  };
  memo.set(env, config);
  return config;
}

function parseSealingKeys(ring: string): Config["sealingKeys"] {
  return ring
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [id, encoded] = entry.split(":");
      const key = Uint8Array.from(atob(encoded ?? ""), (char) => char.charCodeAt(0));
      if (!id || key.length !== 32) {
        throw new Error("SEALING_KEYS must be a comma-separated list of id:base64 of 32 bytes");
      }
      return { id, key };
    });
}

function parseAuditKeys(ring: string): Config["auditKeys"] {
  return ring
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [, id, encoded = ""] = /^([^:]+):([A-Za-z0-9_-]+)=*$/.exec(entry) ?? [];
      const seed = Uint8Array.from(atob(encoded.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
        char.charCodeAt(0),
      );
      if (!id || seed.length !== 32) {
        throw new Error("AUDIT_SIGNING_KEYS must be a comma-separated list of id:base64url of 32 bytes");
      }
      return { id, seed };
    });
}

/** The public URL of an instance, e.g. `https://cl-x7k2m9q4.gentity.ai/`. */
export function instanceUrl(config: Pick<Config, "publicOrigin" | "baseDomain">, subdomain: string): string {
  const { protocol, port } = config.publicOrigin;
  return `${protocol}//${subdomain}.${config.baseDomain}${port ? `:${port}` : ""}/`;
}
