/** What the cloud remembers. The vendor's own spelling stays at the wire; here it is ours. */
import type { MachineConfig } from "./config.ts";

export interface AppRecord {
  id: string;
  number: number;
  name: string;
  orgSlug: string;
  network: string;
  createdAt: string;
  ips: IpRecord[];
  /** Its machines and volumes are being taken down; the name is free when they are gone. */
  deleting?: true;
}

export interface IpRecord {
  ip: string;
  type: "v4" | "v6" | "shared_v4" | "private_v6";
  region: string;
  createdAt: string;
  serviceName?: string;
}

export interface EventRecord {
  id: string;
  type: string;
  status: string;
  source: "user" | "flyd" | "proxy";
  timestamp: number;
  request?: Record<string, unknown>;
}

export interface LeaseRecord {
  nonce: string;
  /** Seconds, as the vendor counts. */
  expiresAt: number;
  owner: string;
  description: string;
}

export interface MachineRecord {
  id: string;
  app: string;
  name: string;
  region: string;
  /** One of `MachineState`, unless a fault was ordered that shows another. */
  state: string;
  instanceId: string;
  /** The configurations before, newest first. */
  versions: { version: string; config: MachineConfig }[];
  config: MachineConfig;
  privateIp: string;
  createdAt: string;
  updatedAt: string;
  cordoned: boolean;
  /** Newest first. */
  events: EventRecord[];
  /** Since somebody last started it. */
  restarts: number;
  /** Told to be prepared, not launched. */
  skipLaunch?: true;
  /** The root disk outlives the next start: what a suspended machine is promised even when its snapshot is lost. */
  keepRootDisk?: true;
  lease?: LeaseRecord;
}

export interface VolumeRecord {
  id: string;
  app: string;
  name: string;
  region: string;
  zone: string;
  sizeGb: number;
  /** `hydrating`: its data is being copied from `source`. */
  state: "creating" | "hydrating" | "created" | "pending_destroy";
  source?: string;
  encrypted: boolean;
  snapshotRetention: number;
  autoBackup: boolean;
  createdAt: string;
  updatedAt: string;
  attachedMachine?: string;
  snapshots: { id: string; createdAt: string }[];
}

export interface CloudState {
  apps: Record<string, AppRecord>;
  machines: Record<string, MachineRecord>;
  volumes: Record<string, VolumeRecord>;
}
