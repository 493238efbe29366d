/**
 * Control groups, as far as this user may use them: a freezer for suspend, and bounds for memory, CPU and number of processes.
 * Version 1 hierarchies are used where they are mounted, version 2 otherwise. Where none can be written there are no bounds,
 * and suspend falls back to signals.
 */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signalProcess } from "../../os/processes.ts";

const MOUNT = "/sys/fs/cgroup";
export const PROCESS_LIMIT = 4096;
/** The machine's first process is ours, not the customer's; its memory comes on top. */
const GUEST_OVERHEAD_MB = 128;

export interface Limits {
  memoryMb: number;
  cpus: number;
}

type Setting = [file: string, value: string];

interface Controller {
  name: "freezer" | "memory" | "cpu" | "pids" | "unified";
  dir: string;
}

const V1_SETTINGS: Record<string, (limits: Limits) => Setting[]> = {
  memory: ({ memoryMb }) => [
    ["memory.limit_in_bytes", String((memoryMb + GUEST_OVERHEAD_MB) * 2 ** 20)],
    ["memory.memsw.limit_in_bytes", String((memoryMb + GUEST_OVERHEAD_MB) * 2 ** 20)],
  ],
  cpu: ({ cpus }) => [
    ["cpu.cfs_period_us", "100000"],
    ["cpu.cfs_quota_us", String(cpus * 100_000)],
  ],
  pids: () => [["pids.max", String(PROCESS_LIMIT)]],
  freezer: () => [],
};

function v2Settings({ memoryMb, cpus }: Limits): Setting[] {
  return [
    ["memory.max", String((memoryMb + GUEST_OVERHEAD_MB) * 2 ** 20)],
    ["memory.swap.max", "0"],
    ["cpu.max", `${cpus * 100_000} 100000`],
    ["pids.max", String(PROCESS_LIMIT)],
  ];
}

async function write(file: string, value: string): Promise<boolean> {
  try {
    await writeFile(file, value);
    return true;
  } catch {
    return false;
  }
}

/** The kernel lets go of a group a moment after its last process. */
async function removeGroup(dir: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const gone = await rmdir(dir).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === "ENOENT",
    );
    if (gone) return;
    await sleep(5);
  }
}

/** How often a group is asked to freeze, and how often each time it is looked at, two milliseconds apart. */
const FREEZE_ATTEMPTS = 50;
const FREEZE_LOOKS = 100;

/** Creating the folder is not enough: it may be a plain one, and only joining proves that processes may be put there. */
async function usable(dir: string): Promise<boolean> {
  const probe = join(dir, "probe");
  try {
    await mkdir(probe, { recursive: true });
    const isGroup = (await readdir(probe)).includes("cgroup.procs");
    const script = `echo $$ > '${probe}/cgroup.procs'`;
    const joined = isGroup && spawnSync("/bin/sh", ["-c", script], { stdio: "ignore" }).status === 0;
    await removeGroup(probe);
    if (!joined) await rmdir(dir).catch(() => {});
    return joined;
  } catch {
    return false;
  }
}

async function v2Bases(): Promise<string[]> {
  const own = await readFile("/proc/self/cgroup", "utf8").catch(() => "");
  const path = own.match(/^0::(.*)$/m)?.[1] ?? "/";
  return [MOUNT, join(MOUNT, "unified"), join(MOUNT, dirname(path)), join(MOUNT, path)];
}

export class Cgroups {
  private readonly controllers: Controller[];

  private constructor(controllers: Controller[]) {
    this.controllers = controllers;
  }

  /** @param scope a name of this program's own, so that two of them do not meet. */
  static async detect(scope: string): Promise<Cgroups> {
    if (process.platform !== "linux") return new Cgroups([]);
    const found: Controller[] = [];
    for (const name of ["freezer", "memory", "cpu", "pids"] as const) {
      const dir = join(MOUNT, name, scope);
      if (await usable(dir)) found.push({ name, dir });
    }
    if (found.length === 0) {
      for (const base of await v2Bases()) {
        const dir = join(base, scope);
        if (!(await usable(dir))) continue;
        for (const controller of ["+memory", "+cpu", "+pids"]) {
          await write(join(base, "cgroup.subtree_control"), controller);
          await write(join(dir, "cgroup.subtree_control"), controller);
        }
        found.push({ name: "unified", dir });
        break;
      }
    }
    const cgroups = new Cgroups(found);
    await cgroups.sweep();
    return cgroups;
  }

  get names(): string[] {
    return this.controllers.map((controller) => controller.name);
  }

  async create(id: string, limits: Limits): Promise<MachineCgroup> {
    const dirs: Controller[] = [];
    for (const { name, dir } of this.controllers) {
      const own = join(dir, id);
      await mkdir(own, { recursive: true });
      const settings = name === "unified" ? v2Settings(limits) : (V1_SETTINGS[name]?.(limits) ?? []);
      for (const [file, value] of settings) await write(join(own, file), value);
      dirs.push({ name, dir: own });
    }
    return new MachineCgroup(dirs);
  }

  /** Ends machines that an earlier run left behind; a frozen process survives even its parent's death. */
  private async sweep(): Promise<void> {
    for (const { name, dir } of this.controllers) {
      for (const entry of await readdir(dir, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        const left = new MachineCgroup([{ name, dir: join(dir, entry.name) }]);
        await left.killAll();
        await left.remove();
      }
    }
  }

  async close(): Promise<void> {
    for (const { dir } of this.controllers) await rmdir(dir).catch(() => {});
  }
}

export class MachineCgroup {
  private readonly dirs: Controller[];

  constructor(dirs: Controller[]) {
    this.dirs = dirs;
  }

  /** What a process writes its own number to, to be inside from its first instant. */
  get joinFiles(): string[] {
    return this.dirs.map(({ dir }) => join(dir, "cgroup.procs"));
  }

  get canFreeze(): boolean {
    return this.freezer !== undefined;
  }

  private get freezer(): Controller | undefined {
    return this.dirs.find(({ name }) => name === "freezer" || name === "unified");
  }

  async freeze(): Promise<void> {
    await this.setFrozen(true);
  }

  async thaw(): Promise<void> {
    try {
      await this.setFrozen(false);
    } catch (error) {
      // Taken away from outside: then nothing is frozen in it any more.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENODEV" && code !== "ENOENT") throw error;
    }
  }

  /** @throws when the group does not get there, however often it is asked. */
  private async setFrozen(frozen: boolean): Promise<void> {
    const freezer = this.freezer;
    if (!freezer) return;
    const isV1 = freezer.name === "freezer";
    const file = join(freezer.dir, isV1 ? "freezer.state" : "cgroup.freeze");
    const [on, off] = isV1 ? ["FROZEN", "THAWED"] : ["1", "0"];
    const value = frozen ? on : off;
    const reached = isV1 ? value : `frozen ${value}`;
    const watched = isV1 ? file : join(freezer.dir, "cgroup.events");
    for (let attempt = 1; attempt <= FREEZE_ATTEMPTS; attempt++) {
      await writeFile(file, value);
      for (let looks = 0; looks < FREEZE_LOOKS; looks++) {
        if ((await readFile(watched, "utf8")).includes(reached)) return;
        await sleep(2);
      }
      // A task that was caught between vfork and exec holds up the one that waits for it: both go on, and it is tried again.
      if (frozen) await writeFile(file, off);
      await sleep(20);
    }
    throw new Error(`the control group does not become ${value}`);
  }

  async pids(): Promise<number[]> {
    const lists = await Promise.all(this.joinFiles.map((file) => readFile(file, "utf8").catch(() => "")));
    return [...new Set(lists.flatMap((list) => list.split("\n").filter(Boolean).map(Number)))];
  }

  /** Kills first and thaws after, so that nothing runs on for an instant in between. */
  async killAll(): Promise<void> {
    for (;;) {
      const alive = await this.pids();
      if (alive.length === 0) return;
      for (const pid of alive) signalProcess(pid, "SIGKILL");
      await this.thaw();
      await sleep(5);
    }
  }

  async oomKills(): Promise<number> {
    for (const { name, dir } of this.dirs) {
      const file = { memory: "memory.oom_control", unified: "memory.events" }[name as string];
      if (!file) continue;
      const text = await readFile(join(dir, file), "utf8").catch(() => "");
      return Number(text.match(/^oom_kill (\d+)$/m)?.[1] ?? 0);
    }
    return 0;
  }

  async remove(): Promise<void> {
    for (const { dir } of this.dirs) await removeGroup(dir);
  }
}
