export type ServerStatus =
  | "initializing"
  | "starting"
  | "running"
  | "stopping"
  | "off"
  | "deleting"
  | "migrating"
  | "rebuilding"
  | "unknown";

export interface ServerRecord {
  id: number;
  name: string;
  /** One of `ServerStatus`, unless somebody ordered another. */
  status: string;
  created: string;
  labels: Record<string, string>;
  serverType: string;
  image: string;
  location: string;
  userData: string;
  hasIpv4: boolean;
  hasIpv6: boolean;
  automount: boolean;
  /** What is done at first boot only was begun. */
  wasBooted: boolean;
}

export interface VolumeRecord {
  id: number;
  name: string;
  created: string;
  labels: Record<string, string>;
  sizeGb: number;
  location: string;
  format: string | null;
  server: number | null;
}

export type FirewallTarget =
  | { type: "server"; server: { id: number } }
  | { type: "label_selector"; label_selector: { selector: string } };

export interface FirewallRecord {
  id: number;
  name: string;
  created: string;
  labels: Record<string, string>;
  rules: object[];
  appliedTo: FirewallTarget[];
}

export type ResourceType = "server" | "volume" | "firewall";

export interface ActionRecord {
  id: number;
  command: string;
  status: "running" | "success" | "error";
  progress: number;
  started: string;
  finished: string | null;
  resources: { id: number; type: ResourceType }[];
  error: { code: string; message: string } | null;
  /** It was ordered never to end. */
  isStuck?: boolean;
}

export interface HetznerRecords {
  nextId: number;
  servers: ServerRecord[];
  volumes: VolumeRecord[];
  firewalls: FirewallRecord[];
  actions: ActionRecord[];
  /** Where engines listened the last time. */
  socketDir?: string;
}
