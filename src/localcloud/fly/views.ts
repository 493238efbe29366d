/** Records as the vendor writes them. */
import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import { type MachineConfig, resolveGuest } from "./config.ts";
import type {
  AppRecord,
  EventRecord,
  IpRecord,
  LeaseRecord,
  MachineRecord,
  VolumeRecord,
} from "./records.ts";

const BLOCK_BYTES = 4096;

export interface AppCounts {
  machines: number;
  volumes: number;
}

export function appView(app: AppRecord, counts: AppCounts) {
  return {
    id: app.id,
    internal_numeric_id: app.number,
    name: app.name,
    status: counts.machines > 0 ? "deployed" : "pending",
    organization: { internal_numeric_id: 1, name: app.orgSlug, slug: app.orgSlug },
    machine_count: counts.machines,
    volume_count: counts.volumes,
    network: app.network,
  };
}

export function ipView({ ip, type, region, createdAt, serviceName }: IpRecord) {
  return {
    ip,
    region,
    created_at: createdAt,
    shared: type === "shared_v4",
    ...(serviceName ? { service_name: serviceName } : {}),
  };
}

export function leaseView({ nonce, expiresAt, owner, description }: LeaseRecord, version: string) {
  return { nonce, expires_at: expiresAt, owner, description, version };
}

/** A tag is looked up once; here its digest is made from the name, so that it is stable. */
function imageRef(image: string) {
  const [name = "", digest] = image.split("@");
  const slash = name.lastIndexOf("/");
  const colon = name.indexOf(":", slash + 1);
  const path = colon === -1 ? name : name.slice(0, colon);
  const [first = "", ...rest] = path.split("/");
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return {
    registry: hasRegistry ? first : "registry-1.docker.io",
    repository: hasRegistry ? rest.join("/") : path,
    tag: colon === -1 ? (digest ? "" : "latest") : name.slice(colon + 1),
    digest: digest ?? `sha256:${createHash("sha256").update(image).digest("hex")}`,
    labels: {},
  };
}

/** The configuration with the vendor's defaults filled in, as it comes back. */
function configView(config: MachineConfig): MachineConfig {
  const guest = resolveGuest(config);
  return {
    ...config,
    init: config.init ?? {},
    restart: config.restart ?? {},
    ...("error" in guest ? {} : { guest: { ...config.guest, ...guest } }),
  };
}

function eventView({ id, type, status, source, timestamp, request }: EventRecord) {
  return { id, type, status, source, timestamp, ...(request ? { request } : {}) };
}

export interface MachineViewOptions {
  summary?: boolean;
  withLease?: boolean;
  nonce?: string;
}

export function eventViews(record: MachineRecord) {
  return record.events.map(eventView);
}

export function machineView(record: MachineRecord, { summary, withLease, nonce }: MachineViewOptions = {}) {
  const { lease } = record;
  const held = lease && { description: lease.description, expires_at: lease.expiresAt, owner: lease.owner };
  return {
    id: record.id,
    name: record.name,
    state: record.state,
    region: record.region,
    instance_id: record.instanceId,
    private_ip: record.privateIp,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    config: configView(record.config),
    image_ref: imageRef(record.config.image),
    cordoned: record.cordoned,
    host_status: "ok" as const,
    checks: [],
    ...(summary ? {} : { events: eventViews(record) }),
    ...(withLease && held ? { lease: held } : {}),
    ...(nonce ? { nonce } : {}),
  };
}

export function orgMachineView(record: MachineRecord) {
  const { guest, image, metadata } = configView(record.config);
  return {
    id: record.id,
    app_name: record.app,
    name: record.name,
    state: record.state,
    region: record.region,
    version: record.instanceId,
    private_ip: record.privateIp,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    config: { guest, image, metadata: metadata ?? {} },
  };
}

export async function volumeView(volume: VolumeRecord, dir: string) {
  const total = volume.sizeGb * 2 ** 30;
  // The volume is a folder: what is free is what the disk below it has, up to the size that was asked for.
  const disk = await statfs(dir).catch(() => undefined);
  const free = Math.min(total, disk ? disk.bavail * disk.bsize : total);
  return {
    id: volume.id,
    name: volume.name,
    state: volume.state,
    region: volume.region,
    zone: volume.zone,
    size_gb: volume.sizeGb,
    encrypted: volume.encrypted,
    // Live answers are said to write null here; the specification allows a string or nothing.
    ...(volume.attachedMachine ? { attached_machine_id: volume.attachedMachine } : {}),
    created_at: volume.createdAt,
    blocks: total / BLOCK_BYTES,
    block_size: BLOCK_BYTES,
    blocks_free: Math.floor(free / BLOCK_BYTES),
    blocks_avail: Math.floor(free / BLOCK_BYTES),
    bytes_total: total,
    bytes_used: total - free,
    fstype: "ext4",
    type: "local" as const,
    snapshot_retention: volume.snapshotRetention,
    auto_backup_enabled: volume.autoBackup,
    host_status: "ok" as const,
  };
}
