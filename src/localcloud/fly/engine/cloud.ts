/** The whole of what the vendor has: apps, volumes and machines, and what holds between them. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "../../runtime/remove-tree.ts";
import type { MachineConfig } from "../config.ts";
import {
  appNotFound,
  invalid,
  machineNameTaken,
  machineNotFound,
  nameTaken,
  precondition,
  volumeNotFound,
} from "../errors.ts";
import { newAppId, newInstanceId, newMachineId, newVolumeId } from "../ids.ts";
import type { AppRecord, IpRecord, MachineRecord, VolumeRecord } from "../records.ts";
import { type Fate, MachineActor } from "./actor.ts";
import type { EngineContext } from "./context.ts";
import { forkFolder } from "./fork.ts";

/** How long a deleted volume is still listed. The vendor keeps it a day; here the wish is only to see the state. */
const PENDING_DESTROY_MS = 1500;

export type NewVolume = Pick<
  VolumeRecord,
  "name" | "region" | "sizeGb" | "encrypted" | "snapshotRetention" | "autoBackup" | "source"
>;

export interface NewMachine {
  app: AppRecord;
  name?: string;
  region: string;
  config: MachineConfig;
  skipLaunch: boolean;
}

export class FlyCloud {
  readonly context: EngineContext;
  private readonly actors = new Map<string, MachineActor>();
  private readonly erasures = new Set<NodeJS.Timeout>();
  /** Copies under way, by the volume that is copied. */
  private readonly forks = new Map<string, Promise<void>>();

  constructor(context: Omit<EngineContext, "releaseVolumes">) {
    this.context = { ...context, releaseVolumes: (machine) => this.releaseVolumes(machine) };
    for (const record of context.state.machines.values()) this.addActor(record);
  }

  /** Takes up where an earlier run of the program ended, however it ended. */
  async recover(): Promise<void> {
    const { state, runtime } = this.context;
    for (const actor of this.actors.values()) {
      await runtime.sweep(this.context.machineDir(actor.record.id));
      actor.recover();
    }
    for (const volume of state.volumes.values()) {
      if (volume.state === "pending_destroy") this.eraseSoon(volume);
      if (volume.state === "hydrating") this.hydrate(volume);
    }
    for (const app of state.apps.values()) if (app.deleting) void this.takeDown(app);
  }

  async close(): Promise<void> {
    for (const timer of this.erasures) clearTimeout(timer);
    await Promise.all(this.forks.values());
    await Promise.all([...this.actors.values()].map((actor) => actor.close()));
  }

  // ── Apps ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  createApp({ name, orgSlug, network }: Pick<AppRecord, "name" | "orgSlug" | "network">): AppRecord {
    const { state } = this.context;
    if (state.apps.has(name)) throw nameTaken();
    const app: AppRecord = {
      id: newAppId(),
      number: 1 + Math.max(0, ...[...state.apps.values()].map((other) => other.number)),
      name,
      orgSlug,
      network,
      createdAt: new Date().toISOString(),
      ips: [],
    };
    state.apps.set(name, app);
    state.changed();
    return app;
  }

  getApp(name: string): AppRecord {
    const app = this.context.state.apps.get(name);
    if (!app) throw appNotFound();
    return app;
  }

  deleteApp(name: string): void {
    const app = this.getApp(name);
    if (app.deleting) return;
    app.deleting = true;
    this.context.state.changed();
    void this.takeDown(app);
  }

  addIp(app: AppRecord, ip: Omit<IpRecord, "createdAt">): IpRecord {
    const record = { ...ip, createdAt: new Date().toISOString() };
    app.ips.push(record);
    this.context.state.changed();
    return record;
  }

  private async takeDown(app: AppRecord): Promise<void> {
    const { state, logs, log } = this.context;
    try {
      const machines = this.machinesOf(app.name).filter(({ record }) => record.state !== "destroyed");
      await Promise.all(
        machines.map((actor) => {
          const gone = new Promise<void>((resolve) => {
            actor.journal.on("state", (now) => now === "destroyed" && resolve());
          });
          actor.destroy(true);
          return gone;
        }),
      );
      for (const volume of this.volumesOf(app.name)) await this.erase(volume);
      for (const { record } of this.machinesOf(app.name)) this.forgetMachine(record.id);
      await logs.remove(app.name);
      state.apps.delete(app.name);
      state.changed();
    } catch (error) {
      log("app.delete.failed", { app: app.name, reason: String(error) });
    }
  }

  // ── Volumes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  volumesOf(app: string): VolumeRecord[] {
    return [...this.context.state.volumes.values()].filter((volume) => volume.app === app);
  }

  getVolume(app: string, id: string): VolumeRecord {
    const volume = this.context.state.volumes.get(id);
    if (volume?.app !== app) throw volumeNotFound();
    return volume;
  }

  async createVolume(app: string, wanted: NewVolume): Promise<VolumeRecord> {
    // [?] The documents name a source by its id alone; that it may lie in another app of the organization is believed.
    const source = wanted.source === undefined ? undefined : this.context.state.volumes.get(wanted.source);
    if (wanted.source !== undefined && source?.state !== "created") throw volumeNotFound();
    if (source && wanted.sizeGb < source.sizeGb) throw invalid("a fork cannot be smaller than its source");
    const now = new Date().toISOString();
    const id = newVolumeId();
    const volume: VolumeRecord = {
      ...wanted,
      id,
      app,
      zone: id.slice(-4),
      state: "creating",
      createdAt: now,
      updatedAt: now,
      snapshots: [],
    };
    this.context.state.volumes.set(id, volume);
    await mkdir(join(this.context.volumeDir(id), "data"), { recursive: true, mode: 0o755 });
    volume.state = source ? "hydrating" : "created";
    this.context.state.changed();
    if (source) this.hydrate(volume);
    return volume;
  }

  /** Fills a fork in the background. One fork of a volume at a time, and none is erased under it. */
  private hydrate(volume: VolumeRecord): void {
    const { source = "" } = volume;
    const { state, log, volumeDir } = this.context;
    const copy = async () => {
      await forkFolder(volumeDir(source), volumeDir(volume.id));
      if (volume.state === "hydrating") volume.state = "created";
      state.changed();
    };
    const before = this.forks.get(source) ?? Promise.resolve();
    const fork = before.then(copy).catch((error: unknown) => {
      log("volume.fork.failed", { volume: volume.id, source, reason: String(error) });
    });
    this.forks.set(source, fork);
  }

  deleteVolume(volume: VolumeRecord): void {
    if (volume.attachedMachine) {
      throw precondition(`volume is currently bound to machine: ${volume.attachedMachine}`);
    }
    volume.state = "pending_destroy";
    volume.updatedAt = new Date().toISOString();
    this.context.state.changed();
    this.eraseSoon(volume);
  }

  private eraseSoon(volume: VolumeRecord): void {
    const timer = setTimeout(() => {
      this.erasures.delete(timer);
      this.erase(volume).catch((error: unknown) => {
        this.context.log("volume.erase.failed", { volume: volume.id, reason: String(error) });
      });
    }, PENDING_DESTROY_MS);
    this.erasures.add(timer);
  }

  private async erase(volume: VolumeRecord): Promise<void> {
    const { runtime, volumeDir } = this.context;
    const dir = volumeDir(volume.id);
    await Promise.all([this.forks.get(volume.id), volume.source && this.forks.get(volume.source)]);
    this.forks.delete(volume.id);
    await (runtime.removeTree?.(dir) ?? removeTree(dir));
    this.context.state.volumes.delete(volume.id);
    this.context.state.changed();
  }

  private releaseVolumes(machine: string): void {
    for (const volume of this.context.state.volumes.values()) {
      if (volume.attachedMachine === machine) delete volume.attachedMachine;
    }
    this.context.state.changed();
  }

  /** The volume that a new machine wants, if it may have it. */
  private claimable(app: string, region: string, config: MachineConfig): VolumeRecord | undefined {
    const [mount] = config.mounts ?? [];
    if (!mount) return undefined;
    if (!mount.volume) throw invalid("config.mounts[0].volume is required");
    const volume = this.context.state.volumes.get(mount.volume);
    if (volume?.app !== app || volume.state !== "created")
      throw precondition(`volume ${mount.volume} not found`);
    if (volume.region !== region) {
      throw precondition(`volume ${volume.id} is in region ${volume.region}, not ${region}`);
    }
    if (volume.attachedMachine) {
      throw precondition(`volume already claimed by machine ${volume.attachedMachine}`);
    }
    return volume;
  }

  // ── Machines ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  machinesOf(app: string): MachineActor[] {
    return [...this.actors.values()].filter(({ record }) => record.app === app);
  }

  getMachine(app: string, id: string): MachineActor {
    const actor = this.actors.get(id);
    if (actor?.record.app !== app) throw machineNotFound();
    return actor;
  }

  findMachine(id: string): MachineActor | undefined {
    return this.actors.get(id);
  }

  createMachine({ app, name, region, config, skipLaunch }: NewMachine, fate: Fate): MachineActor {
    const id = newMachineId();
    const wantedName = name || `local-${id.slice(0, 6)}`;
    const namesake = this.machinesOf(app.name).find(
      ({ record }) => record.name === wantedName && record.state !== "destroyed",
    );
    if (namesake) throw machineNameTaken(namesake.record.id, wantedName);
    const volume = this.claimable(app.name, region, config);
    const now = new Date().toISOString();
    const record: MachineRecord = {
      id,
      app: app.name,
      name: wantedName,
      region,
      state: "created",
      instanceId: newInstanceId(),
      versions: [],
      config,
      privateIp: `fdaa:0:${app.number.toString(16)}:a7b:${id.slice(0, 4)}:${id.slice(4, 8)}:${id.slice(8, 12)}:2`,
      createdAt: now,
      updatedAt: now,
      cordoned: false,
      events: [],
      restarts: 0,
      ...(skipLaunch ? { skipLaunch: true } : {}),
    };
    if (volume) volume.attachedMachine = id;
    this.context.state.machines.set(id, record);
    const actor = this.addActor(record);
    actor.create(fate);
    return actor;
  }

  async vanish(id: string): Promise<void> {
    await this.actors.get(id)?.vanish();
    this.forgetMachine(id);
  }

  private addActor(record: MachineRecord): MachineActor {
    const actor = new MachineActor(this.context, record);
    this.actors.set(record.id, actor);
    return actor;
  }

  private forgetMachine(id: string): void {
    this.actors.delete(id);
    this.context.state.machines.delete(id);
  }
}
