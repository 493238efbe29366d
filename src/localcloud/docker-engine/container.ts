/** One container: at most one set of processes at a time, and everything that is remembered of it. */
import { join } from "node:path";
import { exitCode } from "../fly/engine/exits.ts";
import { removeTree } from "../runtime/remove-tree.ts";
import type { BootSpec, MachineExit, RunningMachine } from "../runtime/runtime.ts";
import { bindsOf, bootSpec, shortId } from "./boot-spec.ts";
import { ContainerLog } from "./container-log.ts";
import type { ContainerContext } from "./context.ts";
import type { ContainerRecord, PendingFile } from "./records.ts";
import { badRequest, notRunning, Refusal } from "./refusal.ts";

const DEFAULT_STOP_SECONDS = 10;
/** The first process does the killing when a grace is over; this much later somebody looks whether it did. */
const OVERDUE_MS = 2000;
/** Not one that a process notices: asks whether there is one. */
const PRESENCE = "SIGCONT";

interface Run {
  machine: RunningMachine;
  ended: Promise<MachineExit>;
  /** For an end that is not told, because it was brought about from here. */
  end(exit: MachineExit): void;
}

const KILLED: MachineExit = {
  ending: { code: null, signal: "SIGKILL" },
  stopRequested: true,
  oomKilled: false,
};

export class Container {
  readonly record: ContainerRecord;
  readonly log: ContainerLog;
  private readonly context: ContainerContext;
  private run: Run | undefined;
  private starting: Promise<void> | undefined;
  private readonly exitListeners = new Set<() => void>();
  private readonly removed = Promise.withResolvers<void>();

  constructor(record: ContainerRecord, context: ContainerContext) {
    this.record = record;
    this.context = context;
    this.log = new ContainerLog(join(context.folderOf(record.id), "log.ndjson"));
  }

  get isRunning(): boolean {
    return this.run !== undefined;
  }

  /** @throws Refusal when nothing runs. */
  get machine(): RunningMachine {
    if (!this.run) throw notRunning(this.record.id);
    return this.run.machine;
  }

  /** @returns whether it was not running before. */
  async start(): Promise<boolean> {
    if (this.run) return false;
    this.starting ??= this.boot().finally(() => {
      this.starting = undefined;
    });
    await this.starting;
    return true;
  }

  private async boot(): Promise<void> {
    const { record, context } = this;
    try {
      const image = await context.images.resolve(record.request.Image, () => {});
      await context.ports.publish(record.id, record.request, (port) => this.machine.connect(port));
      const spec = bootSpec(record, image, { machineDir: this.machineDir, mounts: await this.mounts() });
      record.pendingFiles = [];
      record.hasRun = true;
      const run = await this.launch(spec);
      Object.assign(record, {
        status: "running",
        exitCode: 0,
        error: "",
        oomKilled: false,
        startedAt: new Date().toISOString(),
      });
      context.changed();
      void run.ended.then((exit) => this.exited(run, exit));
      await this.mustHaveBegun(run);
    } catch (error) {
      await context.ports.release(record.id);
      if (error instanceof Refusal) throw error;
      throw new Refusal(500, error instanceof Error ? error.message : String(error));
    }
  }

  private async launch(spec: BootSpec): Promise<Run> {
    const { promise: ended, resolve: end } = Promise.withResolvers<MachineExit>();
    const machine = await this.context.runtime.boot(spec, {
      output: (stream, data) => this.log.push(stream, data),
      exited: end,
      egress: this.context.serveEgress,
    });
    this.run = { machine, ended, end };
    return this.run;
  }

  /** A command that could not begin is a container that did not start. */
  private async mustHaveBegun({ machine, ended }: Run): Promise<void> {
    if (await machine.signal(PRESENCE).catch(() => false)) return;
    const { error } = (await ended).ending;
    if (error === undefined) return;
    this.record.error = `failed to create task for container: exec: ${error}: unknown`;
    this.context.changed();
    throw badRequest(this.record.error);
  }

  private async mounts(): Promise<BootSpec["mounts"]> {
    return Promise.all(
      bindsOf(this.record.request).map(async ({ source, target }) => ({
        from: await this.context.hostPath(source),
        to: target,
      })),
    );
  }

  private exited(run: Run, exit: MachineExit): void {
    if (this.run !== run) return;
    this.run = undefined;
    this.log.end();
    Object.assign(this.record, {
      status: "exited",
      exitCode: exitCode(exit),
      oomKilled: exit.oomKilled,
      finishedAt: new Date().toISOString(),
    });
    this.context.changed();
    void this.context.ports.release(this.record.id);
    for (const listener of this.exitListeners) listener();
    this.exitListeners.clear();
  }

  /** @returns whether it was running. */
  async stop(seconds: number | undefined, signal?: NodeJS.Signals): Promise<boolean> {
    await this.starting?.catch(() => {});
    const { run } = this;
    if (!run) return false;
    const { StopSignal, StopTimeout } = this.record.request;
    const graceMs = (seconds ?? StopTimeout ?? DEFAULT_STOP_SECONDS) * 1000;
    // A frozen one cannot hear a signal.
    if (this.record.status === "paused" || graceMs === 0) {
      await this.tearDown(run);
      return true;
    }
    run.machine.stop(signal ?? signalName(StopSignal ?? "SIGTERM"), graceMs);
    const overdue = setTimeout(() => void this.tearDown(run), graceMs + OVERDUE_MS);
    await this.afterExit(run);
    clearTimeout(overdue);
    return true;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const { run } = this;
    if (!run) throw notRunning(this.record.id);
    if (signal === "SIGKILL") await this.tearDown(run);
    else await run.machine.signal(signal);
  }

  async pause(): Promise<void> {
    await this.machine.freeze();
    this.record.status = "paused";
    this.context.changed();
  }

  async unpause(): Promise<void> {
    await this.machine.thaw();
    this.record.status = "running";
    this.context.changed();
  }

  addFiles(files: PendingFile[]): void {
    const paths = new Set(files.map(({ path }) => path));
    const kept = this.record.pendingFiles.filter(({ path }) => !paths.has(path));
    this.record.pendingFiles = [...kept, ...files];
    this.context.changed();
  }

  onExit(listener: () => void): () => void {
    this.exitListeners.add(listener);
    return () => this.exitListeners.delete(listener);
  }

  onRemoved(listener: () => void): void {
    void this.removed.promise.then(listener);
  }

  /** Its processes are ended, and nothing of it is left. */
  async remove(): Promise<void> {
    await this.stop(0);
    const { runtime, folderOf } = this.context;
    const folder = folderOf(this.record.id);
    await runtime.forget?.(this.machineDir);
    await (runtime.removeTree?.(folder) ?? removeTree(folder));
    this.removed.resolve();
  }

  /** Ends what an earlier run of the program left running. */
  async recover(): Promise<void> {
    await this.context.runtime.sweep(this.machineDir);
    if (this.record.status === "created" || this.record.status === "exited") return;
    const ending = { status: "exited", exitCode: 137, finishedAt: new Date().toISOString() } as const;
    Object.assign(this.record, ending);
    this.context.changed();
  }

  private async tearDown(run: Run): Promise<void> {
    await run.machine.kill();
    run.end(KILLED);
    await this.afterExit(run);
  }

  /** Resolves when the exit is in the record as well. */
  private async afterExit(run: Run): Promise<void> {
    this.exited(run, await run.ended);
  }

  /** Called by the id, which is how a runtime recognises what is left of it. */
  private get machineDir(): string {
    return join(this.context.folderOf(this.record.id), shortId(this.record));
  }
}

/** `TERM`, `SIGTERM` or a number. */
export function signalName(wanted: string): NodeJS.Signals {
  const name = SIGNAL_NUMBERS[wanted] ?? (wanted.startsWith("SIG") ? wanted : `SIG${wanted}`);
  if (!/^SIG[A-Z0-9]+$/.test(name)) throw badRequest(`invalid signal: ${wanted}`);
  return name as NodeJS.Signals;
}

const SIGNAL_NUMBERS: Record<string, string> = {
  "1": "SIGHUP",
  "2": "SIGINT",
  "9": "SIGKILL",
  "15": "SIGTERM",
};
