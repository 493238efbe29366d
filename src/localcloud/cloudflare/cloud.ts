/** Tunnels and DNS as the vendor keeps them: the rules, without HTTP. */
import { randomBytes, randomUUID } from "node:crypto";
import * as errors from "./errors.ts";
import type { DnsRecord, TunnelConfig, TunnelRecord } from "./records.ts";
import type { CloudflareStateFile } from "./state-file.ts";

export interface CloudflareLimits {
  /** Per account. */
  tunnels: number;
  /** Per zone. */
  records: number;
}

/** One connector's connection, as the API shows it. */
export interface LinkView {
  id: string;
  connectorId: string;
  version: string;
  arch: string;
  openedAt: string;
  originIp: string;
  configVersion: number;
}

/** What the API has to know of, and to say to, the connectors that are there. */
export interface Links {
  of(tunnelId: string): LinkView[];
  /** Cuts them off, all or one connector's; they may come back. */
  drop(tunnelId: string, connectorId?: string): void;
  /** Tells them the rules that hold now. */
  push(tunnel: TunnelRecord): void;
}

export interface CloudflareCloudOptions {
  state: CloudflareStateFile;
  links: Links;
  limits: CloudflareLimits;
  /** Names outside it are taken for names within it, as the vendor does. Absent: every full name belongs to the zone asked. */
  zone?: string | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MIN_SECRET_BYTES = 32;
/** These share a host with none of their kind. */
const EXCLUSIVE = new Set(["A", "AAAA", "CNAME"]);

export class CloudflareCloud {
  readonly state: CloudflareStateFile;
  readonly links: Links;
  readonly limits: CloudflareLimits;
  private readonly zone: string | undefined;

  constructor({ state, links, limits, zone }: CloudflareCloudOptions) {
    this.state = state;
    this.links = links;
    this.limits = limits;
    this.zone = zone;
  }

  tunnelsOf(accountId: string): TunnelRecord[] {
    return [...this.state.tunnels.values()].filter((tunnel) => tunnel.accountId === accountId);
  }

  /** Deleted ones are still told of. */
  getTunnel(accountId: string, id: string): TunnelRecord {
    const tunnel = this.state.tunnels.get(id);
    if (tunnel?.accountId !== accountId) throw errors.tunnelNotFound();
    return tunnel;
  }

  getLiving(accountId: string, id: string): TunnelRecord {
    const tunnel = this.getTunnel(accountId, id);
    if (tunnel.deletedAt !== undefined) throw errors.tunnelNotFound();
    return tunnel;
  }

  createTunnel(
    accountId: string,
    wanted: { name: string; secret?: string | undefined; configSource: "local" | "cloudflare" },
  ): TunnelRecord {
    const living = this.tunnelsOf(accountId).filter(({ deletedAt }) => deletedAt === undefined);
    requireName(wanted.name, living);
    if (living.length >= this.limits.tunnels) throw errors.tooManyTunnels();
    const tunnel: TunnelRecord = {
      id: randomUUID(),
      accountId,
      name: wanted.name,
      secret:
        wanted.secret === undefined
          ? randomBytes(MIN_SECRET_BYTES).toString("base64")
          : checked(wanted.secret),
      configSource: wanted.configSource,
      createdAt: new Date().toISOString(),
    };
    this.state.tunnels.set(tunnel.id, tunnel);
    return tunnel;
  }

  updateTunnel(
    tunnel: TunnelRecord,
    change: { name?: string | undefined; secret?: string | undefined },
  ): void {
    if (change.name !== undefined && change.name !== tunnel.name) {
      const living = this.tunnelsOf(tunnel.accountId).filter(({ deletedAt }) => deletedAt === undefined);
      requireName(change.name, living);
      tunnel.name = change.name;
    }
    if (change.secret !== undefined) tunnel.secret = checked(change.secret);
  }

  deleteTunnel(tunnel: TunnelRecord, options: { cascade: boolean }): void {
    if (options.cascade) this.links.drop(tunnel.id);
    if (this.links.of(tunnel.id).length > 0) throw errors.tunnelConnected();
    tunnel.deletedAt = new Date().toISOString();
  }

  configureTunnel(tunnel: TunnelRecord, config: TunnelConfig): void {
    const last = config.ingress.at(-1);
    if (last === undefined || last.hostname || last.path) {
      throw errors.badConfiguration(
        "The last ingress rule must match all URLs (i.e. it should not have a hostname or path filter)",
      );
    }
    tunnel.configuration = {
      version: (tunnel.configuration?.version ?? 0) + 1,
      config,
      createdAt: new Date().toISOString(),
    };
    this.links.push(tunnel);
  }

  recordsOf(zoneId: string): DnsRecord[] {
    return [...this.state.records.values()].filter((record) => record.zoneId === zoneId);
  }

  getRecord(zoneId: string, id: string): DnsRecord {
    const record = this.state.records.get(id);
    if (record?.zoneId !== zoneId) throw errors.recordNotFound();
    return record;
  }

  createRecord(
    zoneId: string,
    wanted: Omit<DnsRecord, "id" | "zoneId" | "createdAt" | "modifiedAt">,
  ): DnsRecord {
    const now = new Date().toISOString();
    const record: DnsRecord = {
      ...wanted,
      name: this.nameWithin(wanted.name),
      id: randomBytes(16).toString("hex"),
      zoneId,
      createdAt: now,
      modifiedAt: now,
    };
    this.requireRoom(record);
    if (this.recordsOf(zoneId).length >= this.limits.records) throw errors.recordQuota();
    this.state.records.set(record.id, record);
    return record;
  }

  changeRecord(record: DnsRecord, change: Partial<DnsRecord>): DnsRecord {
    if (change.type !== undefined && change.type !== record.type) {
      throw errors.invalidRecord("the type of a record cannot be changed");
    }
    const changed = { ...record, ...change, modifiedAt: new Date().toISOString() };
    changed.name = this.nameWithin(changed.name);
    this.requireRoom(changed);
    this.state.records.set(record.id, changed);
    return changed;
  }

  deleteRecord(record: DnsRecord): void {
    this.state.records.delete(record.id);
  }

  /** The living tunnel that a public host name leads to; undefined when the name leads nowhere. */
  resolve(host: string): { tunnel: TunnelRecord | undefined } | undefined {
    for (const { name, type, content, proxied } of this.state.records.values()) {
      if (name !== host || type !== "CNAME" || !proxied) continue;
      const tunnel = this.state.tunnels.get(content.replace(/\.cfargotunnel\.com\.?$/, ""));
      return { tunnel: tunnel?.deletedAt === undefined ? tunnel : undefined };
    }
    return undefined;
  }

  private nameWithin(name: string): string {
    const lower = name.toLowerCase().replace(/\.$/, "");
    if (this.zone === undefined || lower === this.zone || lower.endsWith(`.${this.zone}`)) return lower;
    return lower === "@" ? this.zone : `${lower}.${this.zone}`;
  }

  private requireRoom(record: DnsRecord): void {
    const others = this.recordsOf(record.zoneId).filter(
      ({ id, name }) => id !== record.id && name === record.name,
    );
    if (others.some(({ type, content }) => type === record.type && content === record.content)) {
      throw errors.identicalRecord();
    }
    const clashes = ({ type }: DnsRecord) =>
      EXCLUSIVE.has(type) && EXCLUSIVE.has(record.type) && (type === "CNAME" || record.type === "CNAME");
    if (others.some(clashes)) throw errors.hostExists();
  }
}

function requireName(name: string, living: TunnelRecord[]): void {
  if (name.trim() === "" || UUID.test(name)) throw errors.badRequest("tunnel name is not valid");
  if (living.some((tunnel) => tunnel.name === name)) throw errors.tunnelExists();
}

function checked(secret: string): string {
  if (Buffer.from(secret, "base64").length < MIN_SECRET_BYTES) {
    throw errors.badRequest(`tunnel_secret must be at least ${MIN_SECRET_BYTES} bytes, encoded as base64`);
  }
  return secret;
}

/** What a connector runs with. */
export function connectorToken({ accountId, secret, id }: TunnelRecord): string {
  return Buffer.from(JSON.stringify({ a: accountId, s: secret, t: id })).toString("base64");
}
