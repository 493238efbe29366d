/**
 * One sandbox. A request is checked and moves the state at once; what takes time follows behind it. `epoch` is the fence:
 * whoever finds that it has moved on while it waited leaves the rest to who moved it.
 */
import { ProcessHolder, type StopOptions } from "../../fly/engine/process-holder.ts";
import { removeTree } from "../../runtime/remove-tree.ts";
import type { MachineExit, RunningMachine } from "../../runtime/runtime.ts";
import { cannotPause, changeInProgress, invalidState, notReachable, notStarted } from "../errors.ts";
import type { SandboxRecord } from "../records.ts";
import { isSettled, mayMove, type SandboxState } from "../states.ts";
import { digestOf } from "../views.ts";
import { bootSpec, type Contents, contentsOf, entrypointOf } from "./boot-spec.ts";
import type { SandboxContext } from "./context.ts";
import { EntryLog } from "./entry-log.ts";
import { ENTRYPOINT_CODE } from "./scripts.ts";
import { type CommandInfo, runInside, Sessions } from "./sessions.ts";

const STOP: StopOptions = { signal: "SIGTERM", timeoutMs: 10_000 };
/** How long a sandbox may take to end when the whole program does. */
const SHUTDOWN: StopOptions = { signal: "SIGTERM", timeoutMs: 3_000 };

/** A fault may have been ordered: the request is accepted, and nothing follows. */
export interface Fate {
  stuck?: boolean;
}

export class Sandbox {
  readonly record: SandboxRecord;
  readonly entryLog = new EntryLog();
  private readonly context: SandboxContext;
  private readonly processes: ProcessHolder;
  private contents: Contents | undefined;
  private shells: Sessions | undefined;
  private epoch = 0;
  private closed = false;

  constructor(context: SandboxContext, record: SandboxRecord) {
    this.context = context;
    this.record = record;
    this.processes = new ProcessHolder(context.runtime, {
      line: (text, stream) => this.entryLog.add(text, stream),
      egress: (listener) => {
        if (record.networkBlockAll) listener.close();
        else context.serveEgress(listener);
      },
      exited: (exit) => this.exited(exit),
    });
  }

  create({ stuck }: Fate): void {
    if (stuck) return;
    this.follow(async () => {
      // The answer to the request still shows it as it was accepted.
      await Promise.resolve();
      await this.build();
    });
  }

  start({ stuck }: Fate): void {
    const { state } = this.record;
    if (state === "started") return;
    this.requireSettled();
    if (state !== "stopped" && state !== "archived" && state !== "paused") throw invalidState();
    this.record.desiredState = "started";
    const resumes = state === "paused";
    this.move(resumes ? "resuming" : "starting");
    if (!stuck) this.follow(() => (resumes ? this.resume() : this.boot()));
  }

  stop(force: boolean, { stuck }: Fate): void {
    const { state, sandboxClass } = this.record;
    this.requireSettled();
    if (state !== "started" && state !== "paused") throw notStarted();
    // The vendor's way with virtual machines: a plain stop keeps their memory.
    if (sandboxClass === "linux-vm" && !force) {
      if (state === "started") this.pause({ stuck });
      return;
    }
    this.record.desiredState = "stopped";
    this.move("stopping");
    if (stuck) return;
    this.follow(async (isCurrent) => {
      await (force ? this.processes.tearDown() : this.processes.end(STOP));
      if (isCurrent()) this.move("stopped");
    });
  }

  pause({ stuck }: Fate): void {
    const { sandboxClass, state } = this.record;
    this.requireSettled();
    if (sandboxClass !== "linux-vm") throw cannotPause(sandboxClass);
    if (state !== "started") throw notStarted();
    this.record.desiredState = "paused";
    this.move("pausing");
    if (stuck) return;
    this.follow(async (isCurrent) => {
      await this.processes.freeze();
      if (isCurrent()) this.move("paused");
    });
  }

  destroy({ stuck }: Fate = {}): void {
    if (this.record.state !== "destroying") this.requireSettled();
    this.record.desiredState = "destroyed";
    this.set("destroying");
    if (!stuck) this.follow(() => this.erase());
  }

  /** The runner lost it: nothing is left, and nothing says so. */
  async vanish(): Promise<void> {
    this.epoch += 1;
    this.closed = true;
    await this.removeAll();
    this.set("destroyed");
  }

  async crash(): Promise<void> {
    this.requireStarted();
    await this.processes.tearDown();
    this.fail("Sandbox exited unexpectedly");
  }

  /** For what stands above the table: a delete, an ordered fault, the end. */
  set(to: string): void {
    this.record.state = to;
    this.record.updatedAt = new Date().toISOString();
    this.context.state.changed();
    this.context.log("sandbox.state", { sandbox: this.record.id, state: to });
  }

  /** Somebody outside has done something with it. */
  touch(): void {
    this.record.lastActivityAt = new Date().toISOString();
    this.context.state.changed();
  }

  requireStarted(): RunningMachine {
    const { machine } = this.processes;
    if (this.record.state !== "started" || !machine) throw notReachable();
    return machine;
  }

  sessions(): Sessions {
    const machine = this.requireStarted();
    this.shells ??= new Sessions(machine);
    return this.shells;
  }

  /** The command the image names, and how it ended; nothing where it names none. */
  async entrypoint(): Promise<CommandInfo | undefined> {
    const machine = this.requireStarted();
    const argv = this.contents ? entrypointOf(this.contents) : [];
    if (argv.length === 0) return undefined;
    const { stdout } = await runInside(machine, {
      argv: ["/bin/sh", "-c", ENTRYPOINT_CODE, "daytona", String(this.record.boots)],
      timeoutMs: 10_000,
    });
    const info = { id: "entrypoint_command", command: argv.join(" ") };
    return stdout === "" ? info : { ...info, exitCode: Number(stdout) };
  }

  /** After a start of the program: like a runner that has its power back. */
  recover(): void {
    const { state, desiredState } = this.record;
    switch (state) {
      case "stopped":
      case "archived":
      case "error":
      case "build_failed":
      case "destroyed":
        return;
      case "destroying":
        this.destroy();
        return;
      case "pending_build":
      case "building_snapshot":
      case "creating":
        this.follow(() => this.build());
        return;
      default:
        if (desiredState === "started") {
          this.set("starting");
          this.follow(() => this.boot());
        } else {
          // What it had in memory is lost; its disk is not.
          this.set("stopped");
        }
    }
  }

  /** Ends the processes and leaves the state as it is: the next start of the program takes it from there. */
  async close(): Promise<void> {
    this.epoch += 1;
    this.closed = true;
    await this.processes.end(SHUTDOWN);
  }

  private requireSettled(): void {
    if (!isSettled(this.record.state)) throw changeInProgress();
  }

  private move(to: SandboxState): void {
    const { id, state } = this.record;
    if (!mayMove(state, to)) throw new Error(`sandbox ${id} cannot go from ${state} to ${to}`);
    this.set(to);
  }

  /** Runs what a request set going. Only the latest request's work may move the state. */
  private follow(work: (isCurrent: () => boolean) => Promise<void>): void {
    this.epoch += 1;
    const { epoch } = this;
    const isCurrent = () => epoch === this.epoch;
    work(isCurrent).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.context.log("sandbox.error", { sandbox: this.record.id, reason });
      if (isCurrent()) this.fail(reason);
    });
  }

  private fail(reason: string): void {
    const { state } = this.record;
    if (state === "pausing") {
      this.move("started");
      return;
    }
    const to = state === "pending_build" || state === "building_snapshot" ? "build_failed" : "error";
    this.record.errorReason = reason;
    if (mayMove(state, to)) this.move(to);
  }

  private async build(): Promise<void> {
    const { record, context, epoch } = this;
    const isCurrent = () => epoch === this.epoch;
    if (record.state === "pending_build") this.move("building_snapshot");
    await this.resolve();
    if (!isCurrent()) return;
    if (record.dockerfile !== undefined) context.state.builds.add(digestOf(record.dockerfile));
    if (record.state === "building_snapshot") this.move("creating");
    await this.boot();
  }

  private async resolve(): Promise<Contents> {
    const { images } = this.context;
    this.contents ??= await contentsOf(this.record, (image) =>
      images.resolve(image, { progress: (line) => this.entryLog.add(line, "stdout") }),
    );
    return this.contents;
  }

  private async boot(): Promise<void> {
    const { epoch, context, record } = this;
    const contents = await this.resolve();
    if (epoch !== this.epoch) return;
    record.boots += 1;
    delete record.errorReason;
    this.shells = undefined;
    this.entryLog.clear();
    await this.processes.boot(bootSpec(record, contents, context.sandboxDir(record.id)));
    if (epoch !== this.epoch) return;
    this.move("started");
    this.touch();
  }

  private async resume(): Promise<void> {
    const { epoch } = this;
    await this.processes.thaw();
    if (epoch !== this.epoch) return;
    this.move("started");
    this.touch();
  }

  private async erase(): Promise<void> {
    await this.removeAll();
    if (this.record.state === "destroying") this.move("destroyed");
    this.context.state.sandboxes.delete(this.record.id);
    this.context.state.changed();
  }

  private async removeAll(): Promise<void> {
    const { runtime, sandboxDir } = this.context;
    const dir = sandboxDir(this.record.id);
    await this.processes.tearDown();
    await runtime.forget?.(dir);
    await (runtime.removeTree?.(dir) ?? removeTree(dir));
  }

  private exited({ oomKilled }: MachineExit): void {
    if (this.closed || this.record.state !== "started") return;
    this.epoch += 1;
    this.fail(oomKilled ? "Sandbox ran out of memory" : "Sandbox exited unexpectedly");
  }
}
