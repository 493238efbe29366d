/**
 * Tunnels and the DNS names that lead to them, at Cloudflare. Every write looks first, so that called twice, or again after a
 * lost answer, each of these ends with one tunnel, one configuration and one record.
 */
import type { Outcome } from "../provider.ts";
import { createApi, type IngressRule } from "./api.ts";
import { createClient } from "./client.ts";
import { ensureRecord, type FoundRecord, listRecords, removeRecord } from "./record.ts";
import { configure, ensureTunnel, type FoundTunnel, listTunnels, removeTunnel } from "./tunnel.ts";
import { type Usage, usage } from "./usage.ts";

export type { FoundRecord, FoundTunnel, IngressRule, Usage };

export interface TunnelsConfig {
  /** With its path: `https://api.cloudflare.com/client/v4` */
  apiUrl: string;
  token: string;
  accountId: string;
  zoneId: string;
  fetch?: typeof fetch;
  now?: () => number;
}

export interface Tunnels {
  /** Remotely configured, with this secret (base64 of 32 bytes); one of this name with another secret is `name_taken`. */
  ensureTunnel(name: string, secretBase64: string): Promise<Outcome<{ tunnelId: string }>>;
  /** Replaces all rules; the last one must have no host name. */
  configure(tunnelId: string, ingress: readonly IngressRule[]): Promise<Outcome<void>>;
  /** A proxied CNAME. `host` in lower case. */
  ensureRecord(host: string, tunnelId: string): Promise<Outcome<{ recordId: string }>>;
  /** Connections first. Absent is ok; so is an id that was never learned. */
  removeTunnel(tunnelId: string | undefined, name: string): Promise<Outcome<void>>;
  removeRecord(recordId: string | undefined, host: string): Promise<Outcome<void>>;
  /** Living, remotely configured ones. */
  listTunnels(namePrefix: string): Promise<Outcome<FoundTunnel[]>>;
  /** Those that carry our comment. */
  listRecords(hostPrefix: string): Promise<Outcome<FoundRecord[]>>;
  usage(): Promise<Outcome<Usage>>;
}

export function createTunnels(config: TunnelsConfig): Tunnels {
  const client = createClient({
    apiUrl: config.apiUrl.replace(/\/$/, ""),
    token: config.token,
    fetch: config.fetch ?? ((input, init) => fetch(input, init)),
    now: config.now ?? Date.now,
  });
  const api = createApi(client, config);
  return {
    ensureTunnel: (name, secret) => ensureTunnel(api, name, secret),
    configure: (tunnelId, ingress) => configure(api, tunnelId, ingress),
    ensureRecord: (host, tunnelId) => ensureRecord(api, host.toLowerCase(), tunnelId),
    removeTunnel: (tunnelId, name) => removeTunnel(api, tunnelId, name),
    removeRecord: (recordId, host) => removeRecord(api, recordId, host.toLowerCase()),
    listTunnels: (prefix) => listTunnels(api, prefix),
    listRecords: (prefix) => listRecords(api, prefix.toLowerCase()),
    usage: () => usage(api),
  };
}

/** What a connector runs with: everything in it is known to us, so nobody has to be asked. */
export function tunnelToken(parts: { accountId: string; tunnelId: string; secretBase64: string }): string {
  return btoa(JSON.stringify({ a: parts.accountId, s: parts.secretBase64, t: parts.tunnelId }));
}
