/**
 * One machine: its state, its processes, and the moves between. A request is checked and moves the state at once; what takes
 * time follows behind it. `epoch` is the fence: whoever finds that it has moved on while it waited undoes its own work and
 * says nothing.
 */
import { EventEmitter } from "node:events";
import type { ResolvedImage } from "../../images/image.ts";
import { removeTree } from "../../runtime/remove-tree.ts";
import type { MachineExit, RunningMachine } from "../../runtime/runtime.ts";
import { durationMs, type MachineConfig } from "../config.ts";
import { precondition } from "../errors.ts";
import { newEventId, newInstanceId } from "../ids.ts";
import { LineCutter } from "../log-store.ts";
import type { EventRecord, MachineRecord } from "../records.ts";
import { isAtRest, type MachineState, mayMove, mayStart } from "../states.ts";
import { type BootReason, bootSpec, guestOf } from "./boot-spec.ts";
import type { EngineContext } from "./context.ts";
import { afterExit, exitCode, exitRequest } from "./exits.ts";

const REMEMBERED_EVENTS = 50;
const REMEMBERED_VERSIONS = 10;
/** Above this the vendor discourages suspend; [?] what it answers is not known, and refusing is the safer double. */
const SUSPEND_LIMIT_MB = 2048;
/** How long a machine may take to end when the whole program does. */
const SHUTDOWN_GRACE_MS = 3000;

export interface StopOptions {
  signal: NodeJS.Signals;
  timeoutMs: number;
}

/** A fault was ordered: the request is accepted, and nothing follows. */
export interface Fate {
  stuck?: boolean;
}

/** What the vendor sends and how long it waits, unless the configuration says otherwise. */
export function stopOptions(config: MachineConfig): StopOptions {
  return {
    signal: (config.stop_config?.signal as NodeJS.Signals | undefined) ?? "SIGINT",
    timeoutMs: durationMs(config.stop_config?.timeout ?? "5s") ?? 5000,
  };
}

export class MachineActor extends EventEmitter<{ state: [state: string, event: EventRecord | undefined] }> {
  readonly record: MachineRecord;
  private readonly context: EngineContext;
  private running: RunningMachine | undefined;
  private booting: Promise<void> | undefined;
  private image: ResolvedImage | undefined;
  private epoch = 0;
  private closed = false;
  private frozen = false;

  constructor(context: EngineContext, record: MachineRecord) {
    super();
    this.setMaxListeners(0);
    this.context = context;
    this.record = record;
  }

  // ── What a request may ask ────────────────────────────────────────────────────────────────────────────────────────────

  create({ stuck }: Fate = {}): void {
    this.note({ type: "launch", status: "created", source: "user" });
    if (stuck) return;
    this.follow(async () => {
      // The answer still shows it as created.
      await Promise.resolve();
      await this.launch(this.record.skipLaunch === true);
    });
  }

  start({ stuck }: Fate = {}, source: EventRecord["source"] = "user"): { previous: string } {
    const previous = this.record.state;
    if (previous === "started" || previous === "starting") return { previous };
    if (previous === "stopping") throw precondition("machine still active, refusing to start");
    if (!mayStart(previous)) {
      throw precondition(`unable to start machine from current state: '${previous}'`);
    }
    this.record.restarts = 0;
    this.move("starting", { type: "start", status: "starting", source });
    if (!stuck)
      this.follow(() => (previous === "suspended" && this.running ? this.resume() : this.boot("start")));
    return { previous };
  }

  stop(options: StopOptions, { stuck }: Fate = {}): void {
    const { state } = this.record;
    if (state === "stopped" || state === "stopping" || state === "failed") return;
    if (!mayMove(state as MachineState, "stopping")) {
      throw precondition(`unable to stop machine from current state: '${state}'`);
    }
    const wasSuspended = state === "suspended";
    this.move("stopping", { type: "stop", status: "stopping", source: "user" });
    if (!stuck) this.follow(() => (wasSuspended ? this.discardSnapshot() : this.end(options)));
  }

  suspend({ stuck }: Fate = {}): void {
    const { state, config } = this.record;
    if (state === "suspended" || state === "suspending") return;
    if (state !== "started") throw precondition(`unable to suspend machine from current state: '${state}'`);
    // [?] The documentation names the limits; the wording of the refusals is ours.
    if (guestOf(config).memory_mb > SUSPEND_LIMIT_MB) {
      throw precondition(`unable to suspend machine with more than ${SUSPEND_LIMIT_MB} MB of memory`);
    }
    if (config.init?.swap_size_mb) throw precondition("unable to suspend machine with swap");
    if (config.schedule) throw precondition("unable to suspend machine with a schedule");
    this.move("suspending", { type: "suspend", status: "suspending", source: "user" });
    if (!stuck) this.follow(() => this.freeze());
  }

  restart(options: StopOptions, { stuck }: Fate = {}): void {
    const { state } = this.record;
    if (!mayMove(state as MachineState, "restarting")) {
      throw precondition(`unable to restart machine from current state: '${state}'`);
    }
    this.record.restarts = 0;
    this.move("restarting", { type: "restart", status: "restarting", source: "user" });
    if (stuck) return;
    this.follow(async (epoch) => {
      await this.endRunning(options);
      if (epoch !== this.epoch) return;
      this.move("starting", { type: "start", status: "starting", source: "flyd" });
      await this.boot("restart");
    });
  }

  /** Replaces the configuration. The machine comes up with it, unless it is told not to. */
  update(config: MachineConfig, skipLaunch: boolean, { stuck }: Fate = {}): void {
    const { state, instanceId } = this.record;
    if (!mayMove(state as MachineState, "replacing")) {
      throw precondition(`unable to update machine from current state: '${state}'`);
    }
    this.record.versions = [
      { version: instanceId, config: this.record.config },
      ...this.record.versions,
    ].slice(0, REMEMBERED_VERSIONS);
    this.record.config = config;
    this.record.instanceId = newInstanceId();
    this.record.restarts = 0;
    this.move("replacing", { type: "update", status: "replacing", source: "user" });
    if (stuck) return;
    this.follow(async (epoch) => {
      await this.endRunning(stopOptions(config));
      this.image = undefined;
      if (epoch === this.epoch) await this.launch(skipLaunch);
    });
  }

  destroy(force: boolean, { stuck }: Fate = {}): void {
    const { state } = this.record;
    if (state === "destroyed" || state === "destroying") return;
    if (!force && !isAtRest(state)) throw precondition("unable to destroy machine, not currently stopped");
    this.move("destroying", { type: "destroy", status: "destroying", source: "user" });
    if (!stuck) this.follow(() => this.erase());
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.requireStarted("signal").signal(signal);
  }

  /** The machine's processes, for whoever may use them right now. */
  requireStarted(purpose: string): RunningMachine {
    if (this.record.state !== "started" || !this.running) {
      throw precondition(`unable to ${purpose}: machine not running, current state: '${this.record.state}'`);
    }
    return this.running;
  }

  // ── What a fault may order ────────────────────────────────────────────────────────────────────────────────────────────

  /** The host lost it: nothing is left, and no event says so. */
  async vanish(): Promise<void> {
    this.epoch += 1;
    this.closed = true;
    await this.tearDown();
    this.context.releaseVolumes(this.record.id);
    this.context.state.machines.delete(this.record.id);
    this.context.state.changed();
    this.emit("state", "destroyed", undefined);
  }

  async crash(): Promise<void> {
    await this.requireStarted("crash").kill();
    this.handleExit({ ending: { code: null, signal: "SIGKILL" }, stopRequested: false, oomKilled: false });
  }

  forceState(state: string): void {
    this.record.state = state;
    this.changed();
    this.emit("state", state, undefined);
  }

  // ── The program's own comings and goings ──────────────────────────────────────────────────────────────────────────────

  /** After a start of the program: like a host that has its power back. */
  recover(): void {
    const { state } = this.record;
    const reason = { reason: "the host was restarted" };
    switch (state) {
      case "destroyed":
      case "stopped":
      case "failed":
        return;
      case "destroying":
        return this.follow(() => this.erase());
      case "created":
        return this.follow(() => this.launch(this.record.skipLaunch === true));
      case "suspending":
      case "suspended":
        this.record.keepRootDisk = true;
        this.say("the snapshot was lost when the host was restarted");
        this.set("stopped", {
          type: "suspend",
          status: "stopped",
          source: "flyd",
          request: { reason: "snapshot lost" },
        });
        return;
      case "creating":
      case "starting":
      case "started":
      case "restarting":
      case "replacing":
        this.say("the host was restarted, booting again");
        this.set("starting", { type: "start", status: "starting", source: "flyd", request: reason });
        return this.follow(() => this.boot("start"));
      case "launch_failed":
        return this.set("failed", undefined);
      default:
        // "stopping", or a state that a fault made up.
        return this.set("stopped", { type: "exit", status: "stopped", source: "flyd", request: reason });
    }
  }

  /** Ends the processes and leaves the state as it is: the next start of the program takes it from there. */
  async close(): Promise<void> {
    this.epoch += 1;
    this.closed = true;
    await this.booting;
    if (this.running && this.record.state === "started")
      await this.endRunning({ signal: "SIGINT", timeoutMs: SHUTDOWN_GRACE_MS });
    else await this.tearDown();
  }

  // ── What follows ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private follow(work: (epoch: number) => Promise<void>): void {
    this.epoch += 1;
    const { epoch } = this;
    work(epoch).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.context.log("machine.error", { machine: this.record.id, reason });
      if (epoch === this.epoch) this.failLaunch(reason);
    });
  }

  private async launch(skipLaunch: boolean): Promise<void> {
    const { epoch } = this;
    if (!skipLaunch) this.move("creating");
    await this.resolveImage();
    if (epoch !== this.epoch) return;
    if (skipLaunch) return this.move("stopped", { type: "launch", status: "stopped", source: "flyd" });
    this.move("starting", { type: "start", status: "starting", source: "flyd" });
    await this.boot("start");
  }

  private async resolveImage(): Promise<ResolvedImage> {
    this.image ??= await this.context.images.resolve(this.record.config.image, {
      progress: (line) => this.say(line),
    });
    return this.image;
  }

  private async boot(reason: BootReason): Promise<void> {
    const { epoch, context, record } = this;
    const image = await this.resolveImage();
    if (epoch !== this.epoch) return;
    const places = { machineDir: context.machineDir(record.id), volumeDir: context.volumeDir };
    const spec = bootSpec(record, image, places, reason);
    const boot = context.runtime.boot(spec, this.sink(epoch));
    // Whoever takes the machine down waits for this, so that nothing comes up behind its back.
    this.booting = boot.then(
      (machine) => {
        this.running = machine;
      },
      () => {},
    );
    await boot;
    if (epoch !== this.epoch) return;
    delete record.keepRootDisk;
    this.move("started", { type: "start", status: "started", source: "flyd" });
  }

  private sink(epoch: number) {
    const cutters = {
      stdout: new LineCutter((line) => this.write(line, "app")),
      stderr: new LineCutter((line) => this.write(line, "app")),
    };
    return {
      output: (stream: "stdout" | "stderr", data: Uint8Array) => cutters[stream].push(data),
      egress: this.context.serveEgress,
      exited: (exit: MachineExit) => {
        cutters.stdout.end();
        cutters.stderr.end();
        // A command that could not begin ends before its boot is told.
        void this.booting?.then(() => setImmediate(() => this.exited(exit, epoch)));
      },
    };
  }

  private readonly ends = new Set<() => void>();

  private exited(exit: MachineExit, epoch: number): void {
    this.running = undefined;
    for (const end of this.ends) end();
    this.ends.clear();
    if (this.closed) return;
    if (epoch === this.epoch && this.record.state === "started") this.handleExit(exit);
    else this.noteExit(exit, false);
  }

  private handleExit(exit: MachineExit): void {
    this.running = undefined;
    const verdict = afterExit(this.record.config, exit, this.record.restarts);
    const code = exitCode(exit);
    this.say(
      exit.ending.error
        ? `could not start the command: ${exit.ending.error}`
        : `main process exited with code ${code}`,
    );
    switch (verdict.type) {
      case "restart":
        this.noteExit(exit, true);
        this.record.restarts += 1;
        this.move("restarting");
        return this.follow(async (epoch) => {
          await new Promise((resolve) => setTimeout(resolve, verdict.afterMs).unref());
          if (epoch !== this.epoch) return;
          this.move("starting", { type: "start", status: "starting", source: "flyd" });
          await this.boot("restart");
        });
      case "destroy":
        this.noteExit(exit, false);
        this.move("destroying", { type: "destroy", status: "destroying", source: "flyd" });
        return this.follow(() => this.erase());
      case "rest":
        if (verdict.exhausted)
          this.say(`machine has reached its max restart count of ${this.record.restarts}`);
        this.epoch += 1;
        return this.move("stopped", exitEvent(exit, this.record.restarts, false));
      default:
        verdict satisfies never;
    }
  }

  private noteExit(exit: MachineExit, restarting: boolean): void {
    this.note(exitEvent(exit, this.record.restarts, restarting));
  }

  private async end(options: StopOptions): Promise<void> {
    const { epoch } = this;
    await this.endRunning(options);
    if (epoch === this.epoch) this.move("stopped", { type: "stop", status: "stopped", source: "flyd" });
  }

  /** Lets the main command end, or makes it. Resolves when no process is left. */
  private async endRunning({ signal, timeoutMs }: StopOptions): Promise<void> {
    await this.booting;
    const machine = this.running;
    if (!machine) return;
    // A frozen machine cannot hear a signal, and what it held in memory is to be given up anyway.
    if (this.frozen) return this.tearDown();
    const ended = new Promise<void>((resolve) => this.ends.add(resolve));
    machine.stop(signal, timeoutMs);
    // The first process does the killing; this is for one that is itself in trouble.
    const overdue = setTimeout(() => void this.tearDown().then(() => this.finishEnds()), timeoutMs + 2000);
    await ended;
    clearTimeout(overdue);
  }

  private finishEnds(): void {
    for (const end of this.ends) end();
    this.ends.clear();
  }

  private async tearDown(): Promise<void> {
    await this.booting;
    await this.running?.kill();
    this.running = undefined;
    this.frozen = false;
  }

  private async discardSnapshot(): Promise<void> {
    const { epoch } = this;
    await this.tearDown();
    if (epoch === this.epoch) this.move("stopped", { type: "stop", status: "stopped", source: "flyd" });
  }

  private async freeze(): Promise<void> {
    const { epoch } = this;
    await this.running?.freeze();
    this.frozen = true;
    if (epoch === this.epoch)
      this.move("suspended", { type: "suspend", status: "suspended", source: "flyd" });
  }

  private async resume(): Promise<void> {
    const { epoch } = this;
    await this.running?.thaw();
    this.frozen = false;
    if (epoch === this.epoch) this.move("started", { type: "start", status: "started", source: "flyd" });
  }

  private async erase(): Promise<void> {
    await this.tearDown();
    this.finishEnds();
    await removeTree(this.context.machineDir(this.record.id));
    this.context.releaseVolumes(this.record.id);
    delete this.record.lease;
    this.move("destroyed", { type: "destroy", status: "destroyed", source: "flyd" });
  }

  private failLaunch(reason: string): void {
    this.say(`launch failed: ${reason}`);
    if (this.record.state === "suspending") {
      return this.move("started", {
        type: "suspend",
        status: "started",
        source: "flyd",
        request: { error: reason },
      });
    }
    if (!mayMove(this.record.state as MachineState, "launch_failed")) return;
    this.move("launch_failed", {
      type: "launch",
      status: "launch_failed",
      source: "flyd",
      request: { error: reason },
    });
    this.move("failed", { type: "launch", status: "failed", source: "flyd", request: { error: reason } });
  }

  // ── State, events, lines ──────────────────────────────────────────────────────────────────────────────────────────────

  private move(to: MachineState, event?: Omit<EventRecord, "id" | "timestamp">): void {
    const { state, id } = this.record;
    if (!mayMove(state as MachineState, to))
      throw new Error(`machine ${id} cannot go from ${state} to ${to}`);
    this.set(to, event);
  }

  private set(to: MachineState, event: Omit<EventRecord, "id" | "timestamp"> | undefined): void {
    this.record.state = to;
    const noted = event && this.note(event);
    this.changed();
    this.context.log("machine.state", { machine: this.record.id, app: this.record.app, state: to });
    this.emit("state", to, noted);
  }

  private note(event: Omit<EventRecord, "id" | "timestamp">): EventRecord {
    const noted = { id: newEventId(), timestamp: Date.now(), ...event };
    this.record.events = [noted, ...this.record.events].slice(0, REMEMBERED_EVENTS);
    this.changed();
    return noted;
  }

  private changed(): void {
    this.record.updatedAt = new Date().toISOString();
    this.context.state.changed();
  }

  private say(message: string): void {
    this.write(message, "runner");
  }

  private write(message: string, provider: "app" | "runner"): void {
    const { app, id, region } = this.record;
    this.context.logs.add(app, { message, level: "info", instance: id, region, provider });
  }
}

function exitEvent(
  exit: MachineExit,
  restarts: number,
  restarting: boolean,
): Omit<EventRecord, "id" | "timestamp"> {
  return {
    type: "exit",
    status: "stopped",
    source: "flyd",
    request: exitRequest(exit, restarts, restarting),
  };
}
