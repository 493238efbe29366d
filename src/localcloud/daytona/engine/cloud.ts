/** The whole of what an organization has at the vendor: its sandboxes, and what holds between them. */
import { randomUUID } from "node:crypto";
import { invalid, nameTaken, regionUnavailable, sandboxNotFound } from "../errors.ts";
import { checkQuota, DEFAULT_SIZE, type Size } from "../quotas.ts";
import type { SandboxClass, SandboxRecord } from "../records.ts";
import { digestOf } from "../views.ts";
import type { SandboxContext } from "./context.ts";
import { type Fate, Sandbox } from "./sandbox.ts";

/** The vendor's own snapshots, as far as they are needed here. The first is what one gets without asking. */
const SNAPSHOTS: ReadonlyMap<string, { sandboxClass: SandboxClass } & Size> = new Map([
  ["daytona-small", { sandboxClass: "container" as const, ...DEFAULT_SIZE }],
  ["daytona-medium", { sandboxClass: "container" as const, cpu: 2, memory: 4, disk: 8 }],
  // [?] The name is ours: the documentation says that the class comes from the snapshot, and of which only in part.
  ["daytona-vm-small", { sandboxClass: "linux-vm" as const, ...DEFAULT_SIZE }],
]);
const DEFAULT_SNAPSHOT = "daytona-small";

/** Where sandboxes may be. */
const TARGETS = ["us", "eu"];

const LOOKS_PER_MINUTE = 4;

export type NewSandbox = Partial<
  Pick<
    SandboxRecord,
    | "name"
    | "snapshot"
    | "dockerfile"
    | "user"
    | "env"
    | "labels"
    | "public"
    | "networkBlockAll"
    | "networkAllowList"
    | "target"
    | "autoStopInterval"
    | "autoArchiveInterval"
    | "autoDeleteInterval"
    | keyof Size
  >
>;

export class DaytonaCloud {
  readonly context: SandboxContext;
  private readonly sandboxes = new Map<string, Sandbox>();
  private readonly idleWatch: NodeJS.Timeout;

  constructor(context: SandboxContext) {
    this.context = context;
    for (const record of context.state.sandboxes.values()) this.add(record);
    this.idleWatch = setInterval(() => this.stopIdle(), context.minuteMs / LOOKS_PER_MINUTE).unref();
  }

  /** Takes up where an earlier run of the program ended, however it ended. */
  async recover(): Promise<void> {
    for (const sandbox of this.list()) {
      await this.context.runtime.sweep(this.context.sandboxDir(sandbox.record.id));
      sandbox.recover();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.idleWatch);
    await Promise.all(this.list().map((sandbox) => sandbox.close()));
  }

  create(wanted: NewSandbox, fate: Fate): Sandbox {
    const { state, quota } = this.context;
    const { target = "us" } = wanted;
    if (!TARGETS.includes(target)) throw regionUnavailable(target);
    const origin = originOf(wanted);
    const id = randomUUID();
    const name = wanted.name || id;
    if (this.list().some(({ record }) => record.name === name)) throw nameTaken(name);
    const size = { cpu: origin.cpu, memory: origin.memory, disk: origin.disk };
    checkQuota(
      size,
      this.list().map(({ record }) => record),
      quota,
    );
    const { dockerfile, snapshot, sandboxClass } = origin;
    const isBuilt = dockerfile === undefined || state.builds.has(digestOf(dockerfile));
    const now = new Date().toISOString();
    const record: SandboxRecord = {
      id,
      name,
      state: isBuilt ? "creating" : "pending_build",
      desiredState: "started",
      sandboxClass,
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      user: wanted.user ?? "daytona",
      env: wanted.env ?? {},
      labels: wanted.labels ?? {},
      public: wanted.public ?? false,
      networkBlockAll: wanted.networkBlockAll ?? false,
      ...(wanted.networkAllowList === undefined ? {} : { networkAllowList: wanted.networkAllowList }),
      target,
      ...size,
      autoStopInterval: wanted.autoStopInterval ?? 15,
      autoArchiveInterval: wanted.autoArchiveInterval ?? 7 * 24 * 60,
      autoDeleteInterval: wanted.autoDeleteInterval ?? -1,
      createdAt: now,
      updatedAt: now,
      lastActivityAt: now,
      boots: 0,
    };
    state.sandboxes.set(id, record);
    state.changed();
    const sandbox = this.add(record);
    sandbox.create(fate);
    return sandbox;
  }

  /** Everything that is not gone, the oldest first. */
  list(): Sandbox[] {
    for (const [id, { record }] of this.sandboxes)
      if (record.state === "destroyed") this.sandboxes.delete(id);
    return [...this.sandboxes.values()];
  }

  get(idOrName: string): Sandbox {
    const found = this.list().find(({ record }) => record.id === idOrName || record.name === idOrName);
    if (!found) throw sandboxNotFound(idOrName);
    return found;
  }

  async vanish(idOrName: string): Promise<void> {
    const sandbox = this.get(idOrName);
    await sandbox.vanish();
    this.context.state.sandboxes.delete(sandbox.record.id);
    this.context.state.changed();
  }

  private add(record: SandboxRecord): Sandbox {
    const sandbox = new Sandbox(this.context, record);
    this.sandboxes.set(record.id, sandbox);
    return sandbox;
  }

  /** Idle is what nobody outside has touched, however busy it is inside. */
  private stopIdle(): void {
    for (const sandbox of this.list()) {
      const { state, autoStopInterval, lastActivityAt } = sandbox.record;
      const idleMs = Date.now() - Date.parse(lastActivityAt);
      if (state === "started" && autoStopInterval > 0 && idleMs >= autoStopInterval * this.context.minuteMs) {
        sandbox.stop(false, {});
      }
    }
  }
}

/** What it is made from, which decides its class and whether its size may be asked for. */
function originOf({
  snapshot,
  dockerfile,
  cpu,
  memory,
  disk,
}: NewSandbox): Pick<SandboxRecord, "snapshot" | "dockerfile" | "sandboxClass"> & Size {
  if (dockerfile !== undefined) {
    const size = {
      cpu: cpu ?? DEFAULT_SIZE.cpu,
      memory: memory ?? DEFAULT_SIZE.memory,
      disk: disk ?? DEFAULT_SIZE.disk,
    };
    return { dockerfile, sandboxClass: "container", ...size };
  }
  const name = snapshot ?? DEFAULT_SNAPSHOT;
  const known = SNAPSHOTS.get(name);
  if (!known) throw invalid(`Snapshot ${name} not found. Did you add it through the Daytona Dashboard?`);
  if (cpu !== undefined || memory !== undefined || disk !== undefined) {
    throw invalid("Cannot specify Sandbox resources when using a snapshot");
  }
  return { snapshot: name, ...known };
}
