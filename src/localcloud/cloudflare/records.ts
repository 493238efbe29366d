/** What this vendor remembers. Its own spelling stays at the wire; here it is ours. */
export interface IngressRule {
  hostname?: string;
  path?: string;
  service: string;
  originRequest?: Record<string, unknown>;
}

export interface TunnelConfig {
  ingress: IngressRule[];
  [more: string]: unknown;
}

export interface TunnelRecord {
  id: string;
  accountId: string;
  name: string;
  /** Base64. */
  secret: string;
  configSource: "local" | "cloudflare";
  createdAt: string;
  deletedAt?: string;
  configuration?: { version: number; config: TunnelConfig; createdAt: string };
  /** When a connector was first, and last, seen. */
  activeAt?: string;
  inactiveAt?: string;
}

export const DNS_TYPES = ["A", "AAAA", "CNAME", "TXT"] as const;
export type DnsType = (typeof DNS_TYPES)[number];

export interface DnsRecord {
  id: string;
  zoneId: string;
  type: DnsType;
  name: string;
  content: string;
  proxied: boolean;
  ttl: number;
  comment: string | null;
  tags: string[];
  createdAt: string;
  modifiedAt: string;
}

export interface CloudflareState {
  tunnels: Record<string, TunnelRecord>;
  records: Record<string, DnsRecord>;
}
