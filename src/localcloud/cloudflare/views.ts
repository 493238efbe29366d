/** Records as the vendor's API shows them. */
import { connectorToken, type LinkView } from "./cloud.ts";
import type { DnsRecord, TunnelRecord } from "./records.ts";

export function tunnelView(
  tunnel: TunnelRecord,
  links: LinkView[],
  options: { token?: boolean } = {},
): object {
  return {
    id: tunnel.id,
    account_tag: tunnel.accountId,
    name: tunnel.name,
    created_at: tunnel.createdAt,
    deleted_at: tunnel.deletedAt ?? null,
    conns_active_at: tunnel.activeAt ?? null,
    conns_inactive_at: tunnel.inactiveAt ?? null,
    connections: [],
    tun_type: "cfd_tunnel",
    metadata: {},
    status: links.length > 0 ? "healthy" : tunnel.activeAt === undefined ? "inactive" : "down",
    config_src: tunnel.configSource,
    remote_config: tunnel.configSource === "cloudflare",
    ...(options.token ? { token: connectorToken(tunnel) } : {}),
  };
}

export function configurationView(tunnel: TunnelRecord): object {
  const { configuration } = tunnel;
  return {
    tunnel_id: tunnel.id,
    account_id: tunnel.accountId,
    version: configuration?.version ?? 0,
    config: configuration?.config ?? {},
    source: tunnel.configSource,
    created_at: configuration?.createdAt ?? tunnel.createdAt,
  };
}

/** One entry for each connector, whatever the number of its connections. */
export function connectorViews(links: LinkView[]): object[] {
  const connectors = new Map<string, LinkView[]>();
  for (const link of links)
    connectors.set(link.connectorId, [...(connectors.get(link.connectorId) ?? []), link]);
  return [...connectors].map(([id, conns]) => ({
    id,
    features: [],
    version: conns[0]?.version,
    arch: conns[0]?.arch,
    run_at: conns[0]?.openedAt,
    config_version: conns[0]?.configVersion,
    conns: conns.map((link) => ({
      id: link.id,
      uuid: link.id,
      client_id: id,
      client_version: link.version,
      colo_name: "local",
      is_pending_reconnect: false,
      opened_at: link.openedAt,
      origin_ip: link.originIp,
    })),
  }));
}

export function recordView(record: DnsRecord): object {
  return {
    id: record.id,
    name: record.name,
    type: record.type,
    content: record.content,
    proxiable: record.type !== "TXT",
    proxied: record.proxied,
    ttl: record.ttl,
    settings: {},
    meta: {},
    comment: record.comment,
    tags: record.tags,
    created_on: record.createdAt,
    modified_on: record.modifiedAt,
  };
}

const ZONE_CREATED = "2026-01-01T00:00:00Z";

/** A free one, as small as they are now. */
export function zoneView(id: string, name: string): object {
  return {
    id,
    name,
    status: "active",
    account: { id, name: "local" },
    owner: { id, name: "local", type: "user" },
    plan: { id: "free", name: "Free Website", legacy_id: "free" },
    meta: {},
    development_mode: 0,
    name_servers: ["ns.localhost"],
    original_name_servers: [],
    original_registrar: null,
    original_dnshost: null,
    created_on: ZONE_CREATED,
    modified_on: ZONE_CREATED,
    activated_on: ZONE_CREATED,
  };
}
