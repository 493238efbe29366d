import type { AccountObject } from "./account/object.ts";
import type { SigningKey } from "./auth/signing-keys.ts";
import { type BodyConfig, type BodyEnv, readBodyConfig } from "./env-bodies.ts";
import { type OidcConfig, type OidcEnv, readOidcConfig } from "./env-oidc.ts";
import type { HostObject } from "./host-object/object.ts";
import type { ProvisioningMessage } from "./instance/job.ts";
import type { InstanceObject } from "./instance/object.ts";
import type { TrafficConfig } from "./traffic/client.ts";

/** The raw bindings. This file alone reads them; everything else is handed the slice it needs. */
export interface Env extends BodyEnv, OidcEnv {
  DB: D1Database;
  INSTANCES: DurableObjectNamespace<InstanceObject>;
  ACCOUNTS: DurableObjectNamespace<AccountObject>;
  HOSTS: DurableObjectNamespace<HostObject>;
  FLY_QUEUE: Queue<ProvisioningMessage>;
  HETZNER_QUEUE: Queue<ProvisioningMessage>;
  DAYTONA_QUEUE: Queue<ProvisioningMessage>;
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
  /** What the edge vouches and links are signed with; absent: it signs nothing. */
  EDGE_SIGNING_KEYS?: string;
  /** The operator's own secret; absent: there is no operator's surface. */
  ADMIN_TOKEN?: string;
  FLY_API_TOKEN?: string;
  FLY_ORG_SLUG?: string;
  FLY_API_URL?: string;
  FLY_LOGS_URL?: string;
  /** How the edge reaches an app; `{app}` is its name. */
  FLY_APP_URL?: string;
  HETZNER_API_TOKEN?: string;
  HETZNER_API_URL?: string;
  /** Tunnels and DNS records of the zone are made with it. */
  CLOUDFLARE_API_TOKEN?: string;
  CLOUDFLARE_API_URL?: string;
  CLOUDFLARE_ACCOUNT_ID?: string;
  CLOUDFLARE_ZONE_ID?: string;
  /** May read the account's analytics; absent: `CLOUDFLARE_API_TOKEN` is asked with. */
  ANALYTICS_API_TOKEN?: string;
  /** Where they are read, where it is not `CLOUDFLARE_API_URL`. */
  ANALYTICS_API_URL?: string;
  /** What enrolments, tunnels and the names of their origins are derived from. */
  HOST_SECRET?: string;
  /** Where hosts reach this control plane, where it is not the public origin. */
  HOST_CONTROL_URL?: string;
  /** `fly` or `hetzner`; where public instances go that ask for neither. Absent: Hetzner where it is configured. */
  DEFAULT_PROVIDER?: string;
  /** How the edge reaches a tunnel's origin; `{host}` is its name. */
  TUNNEL_ORIGIN_URL?: string;
  DAYTONA_API_KEY?: string;
  DAYTONA_API_URL?: string;
  /** Where a sandbox's toolbox is; `{id}` is the sandbox. */
  DAYTONA_TOOLBOX_URL?: string;
}

export interface HetznerConfig {
  apiUrl: string;
  token: string;
  /** Where hosts reach the control plane. */
  controlUrl: string;
  hostSecret: string;
  baseDomain: string;
  originUrl: string;
  cloudflare: { apiUrl: string; token: string; accountId: string; zoneId: string };
}

export interface DaytonaConfig {
  apiUrl: string;
  toolboxUrl: string;
  apiKey: string;
}

export interface FlyConfig {
  apiUrl: string;
  logsUrl: string;
  appUrl: string;
  token: string;
  orgSlug: string;
  bodyPrefix: string;
}

export interface Config {
  version: string;
  baseDomain: string;
  apiHosts: string[];
  publicOrigin: URL;
  /** The key ring, current key first; empty when none is set. */
  sealingKeys: { id: string; key: Uint8Array }[];
  /** Ed25519 seeds that sign the audit heads: the first signs, all are published; empty when none is set. */
  auditKeys: SigningKey[];
  /** The same for what the edge signs. */
  edgeKeys: SigningKey[];
  adminToken: string | undefined;
  flyAppUrl: string;
  tunnelOriginUrl: string;
  defaultProvider: "fly" | "hetzner" | undefined;
  /** Absent unless Hetzner, Cloudflare and the host secret are all set. */
  hetzner: HetznerConfig | undefined;
  daytona: DaytonaConfig | undefined;
  /** Where the rows of the data path are read; absent unless the Cloudflare account and a token are set. */
  traffic: TrafficConfig | undefined;
  /** What a body is unless its maker says otherwise. */
  bodies: BodyConfig;
  /** Who signs people in; absent: nobody can. */
  oidc: OidcConfig | undefined;
  /** Absent when no vendor token is set: then nothing can be provisioned, and the API says so. */
  fly: FlyConfig | undefined;
}

const CLOUDFLARE_API_URL = "https://api.cloudflare.com/client/v4";

export const VERSION = "0.1.0";

const memo = new WeakMap<Env, Config>();

/** Parsed once per isolate. @throws Error when a binding is malformed; its message never holds the value. */
export function readConfig(env: Env): Config {
  const known = memo.get(env);
  if (known) {
    return known;
  }
  const bodies = readBodyConfig(env);
  const flyAppUrl = env.FLY_APP_URL ?? "https://{app}.fly.dev";
  const config: Config = {
    version: VERSION,
    baseDomain: env.BASE_DOMAIN.toLowerCase(),
    apiHosts: (env.API_HOSTS ?? "").split(",").filter((host) => host !== ""),
    publicOrigin: new URL(env.PUBLIC_ORIGIN ?? `https://${env.BASE_DOMAIN}`),
    sealingKeys: parseSealingKeys(env.SEALING_KEYS ?? ""),
    auditKeys: parseSigningKeys("AUDIT_SIGNING_KEYS", env.AUDIT_SIGNING_KEYS),
    edgeKeys: parseSigningKeys("EDGE_SIGNING_KEYS", env.EDGE_SIGNING_KEYS),
    adminToken: env.ADMIN_TOKEN || undefined,
    flyAppUrl,
    tunnelOriginUrl: env.TUNNEL_ORIGIN_URL ?? "https://{host}",
    defaultProvider: parseDefaultProvider(env.DEFAULT_PROVIDER),
    hetzner: hetznerConfig(env),
    bodies,
    oidc: readOidcConfig(env),
    traffic: trafficConfig(env),
    daytona: env.DAYTONA_API_KEY
      ? {
          apiUrl: env.DAYTONA_API_URL ?? "https://app.daytona.io/api",
          toolboxUrl: env.DAYTONA_TOOLBOX_URL ?? "https://proxy.app.daytona.io/toolbox/{id}",
          apiKey: env.DAYTONA_API_KEY,
        }
      : undefined,
    fly: env.FLY_API_TOKEN
      ? {
          apiUrl: env.FLY_API_URL ?? "https://api.machines.dev",
          logsUrl: env.FLY_LOGS_URL ?? "https://api.fly.io",
          appUrl: flyAppUrl,
          token: env.FLY_API_TOKEN,
          orgSlug: env.FLY_ORG_SLUG ?? "personal",
          bodyPrefix: bodies.appPrefix,
        }
      : undefined,
  };
  const edgeIds = config.edgeKeys.map(({ id }) => id);
  if (config.auditKeys.some(({ id }) => edgeIds.includes(id))) {
    // They are published in one set, where an id has to name one key.
    throw new Error("AUDIT_SIGNING_KEYS and EDGE_SIGNING_KEYS must not share an id");
  }
  memo.set(env, config);
  return config;
}

function parseDefaultProvider(name: string | undefined): Config["defaultProvider"] {
  if (name === undefined || name === "fly" || name === "hetzner") {
    return name;
  }
  throw new Error("DEFAULT_PROVIDER must be fly or hetzner");
}

function hetznerConfig(env: Env): HetznerConfig | undefined {
  const { HETZNER_API_TOKEN, HOST_SECRET, CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_ZONE_ID } =
    env;
  if (
    !(HETZNER_API_TOKEN && HOST_SECRET && CLOUDFLARE_API_TOKEN && CLOUDFLARE_ACCOUNT_ID && CLOUDFLARE_ZONE_ID)
  ) {
    return undefined;
  }
  return {
    apiUrl: env.HETZNER_API_URL ?? "https://api.hetzner.cloud/v1",
    token: HETZNER_API_TOKEN,
    controlUrl: env.HOST_CONTROL_URL ?? env.PUBLIC_ORIGIN ?? `https://${env.BASE_DOMAIN}`,
    hostSecret: HOST_SECRET,
    baseDomain: env.BASE_DOMAIN.toLowerCase(),
    originUrl: env.TUNNEL_ORIGIN_URL ?? "https://{host}",
    cloudflare: {
      apiUrl: env.CLOUDFLARE_API_URL ?? CLOUDFLARE_API_URL,
      token: CLOUDFLARE_API_TOKEN,
      accountId: CLOUDFLARE_ACCOUNT_ID,
      zoneId: CLOUDFLARE_ZONE_ID,
    },
  };
}

function trafficConfig(env: Env): TrafficConfig | undefined {
  const token = env.ANALYTICS_API_TOKEN || env.CLOUDFLARE_API_TOKEN;
  if (!(token && env.CLOUDFLARE_ACCOUNT_ID)) {
    return undefined;
  }
  return {
    apiUrl: env.ANALYTICS_API_URL ?? env.CLOUDFLARE_API_URL ?? CLOUDFLARE_API_URL,
    accountId: env.CLOUDFLARE_ACCOUNT_ID,
    token,
  };
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

function parseSigningKeys(name: string, ring = ""): SigningKey[] {
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
        throw new Error(`${name} must be a comma-separated list of id:base64url of 32 bytes`);
      }
      return { id, seed };
    });
}

/** The public URL of an instance, e.g. `https://cl-x7k2m9q4.gentity.ai/`. */
export function instanceUrl(config: Pick<Config, "publicOrigin" | "baseDomain">, subdomain: string): string {
  const { protocol, port } = config.publicOrigin;
  return `${protocol}//${subdomain}.${config.baseDomain}${port ? `:${port}` : ""}/`;
}
