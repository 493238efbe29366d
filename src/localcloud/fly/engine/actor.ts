/**
 * One machine. A request is checked and moves the state at once; what takes time follows behind it. `epoch` is the fence:
 * whoever finds that it has moved on while it waited undoes nothing, says nothing, and leaves the rest to who moved it.
 */
import type { ResolvedImage } from "../../images/image.ts";
import { removeTree } from "../../runtime/remove-tree.ts";
import type { MachineExit, RunningMachine } from "../../runtime/runtime.ts";
import { durationMs, type MachineConfig } from "../config.ts";
import { precondition } from "../errors.ts";
import { newInstanceId } from "../ids.ts";
import type { EventRecord, MachineRecord } from "../records.ts";
import { isAtRest, mayStart } from "../states.ts";
import { type BootReason, bootSpec, guestOf } from "./boot-spec.ts";
import type { EngineContext } from "./context.ts";
import { afterExit, exitCode, exitRequest } from "./exits.ts";
import { Journal, type NewEvent } from "./journal.ts";
import { ProcessHolder, type StopOptions } from "./process-holder.ts";

const REMEMBERED_VERSIONS = 10;
/** Above this the vendor discourages suspend; [?] what it answers is not known, and refusing is the safer double. */
const SUSPEND_LIMIT_MB = 4096;
/** How long a machine may take to end when the whole program does. */
const SHUTDOWN: StopOptions = { signal: "SIGINT", timeoutMs: 3000 };
/** The vendor's default. */
const STOP_TIMEOUT_MS = 5000;

/** A fault may have been ordered: the request is accepted, and nothing follows. */
export interface Fate {
  stuck?: boolean;
}

export function stopOptions({ stop_config }: MachineConfig): StopOptions {
  return {
    signal: (stop_config?.signal as NodeJS.Signals | undefined) ?? "SIGINT",
    timeoutMs: durationMs(stop_config?.timeout ?? "") ?? STOP_TIMEOUT_MS,
  };
}

const starting: NewEvent = { type: "start", status: "starting", source: "flyd" };
const started: NewEvent = { type: "start", status: "started", source: "flyd" };
const stopped: NewEvent = { type: "stop", status: "stopped", source: "flyd" };

export class MachineActor {
  readonly journal: Journal;
  private readonly context: EngineContext;
  private readonly processes: ProcessHolder;
  private image: ResolvedImage | undefined;
  private epoch = 0;
  private closed = false;

  constructor(context: EngineContext, record: MachineRecord) {
    this.context = context;
    this.journal = new Journal(context, record);
    this.processes = new ProcessHolder(context.runtime, {
      line: (text) => this.journal.say(text, "app"),
      egress: context.serveEgress,
      exited: (exit) => this.exited(exit),
    });
  }

  get record(): MachineRecord {
    return this.journal.record;
  }

  create({ stuck }: Fate): void {
    this.journal.note({ type: "launch", status: "created", source: "user" });
    if (stuck) return;
    this.follow(async () => {
      // The answer to the request still shows it as created.
      await Promise.resolve();
      await this.launch(this.record.skipLaunch === true);
    });
  }

  start({ stuck }: Fate = {}, source: EventRecord["source"] = "user"): { previous: string } {
    const previous = this.record.state;
    if (previous === "started" || previous === "starting") return { previous };
    if (previous === "stopping") throw precondition("machine still active, refusing to start");
    if (!mayStart(previous)) throw precondition(`unable to start machine from current state: '${previous}'`);
    this.record.restarts = 0;
    this.journal.move("starting", { ...starting, source });
    if (stuck) return { previous };
    const resumes = previous === "suspended" && this.processes.machine !== undefined;
    this.follow(() => (resumes ? this.resume() : this.boot("start")));
    return { previous };
  }

  stop(options: StopOptions, { stuck }: Fate = {}): void {
    const { state } = this.record;
    if (state === "stopped" || state === "stopping" || state === "failed") return;
    if (!this.journal.mayMove("stopping")) {
      throw precondition(`unable to stop machine from current state: '${state}'`);
    }
    this.journal.move("stopping", { type: "stop", status: "stopping", source: "user" });
    if (stuck) return;
    this.follow(async (isCurrent) => {
      await this.processes.end(options);
      if (isCurrent()) this.journal.move("stopped", stopped);
    });
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
    this.journal.move("suspending", { type: "suspend", status: "suspending", source: "user" });
    if (stuck) return;
    this.follow(async (isCurrent) => {
      await this.processes.freeze();
      if (isCurrent())
        this.journal.move("suspended", { type: "suspend", status: "suspended", source: "flyd" });
    });
  }

  restart(options: StopOptions, { stuck }: Fate = {}): void {
    if (!this.journal.mayMove("restarting")) {
      throw precondition(`unable to restart machine from current state: '${this.record.state}'`);
    }
    this.record.restarts = 0;
    this.journal.move("restarting", { type: "restart", status: "restarting", source: "user" });
    if (stuck) return;
    this.follow(async (isCurrent) => {
      await this.processes.end(options);
      if (!isCurrent()) return;
      this.journal.move("starting", starting);
      await this.boot("restart");
    });
  }

  /** Replaces the configuration. The machine comes up with it, unless it is told not to. */
  update(config: MachineConfig, skipLaunch: boolean, { stuck }: Fate = {}): void {
    const { record } = this;
    if (!this.journal.mayMove("replacing")) {
      throw precondition(`unable to update machine from current state: '${record.state}'`);
    }
    const options = stopOptions(record.config);
    const before = { version: record.instanceId, config: record.config };
    record.versions = [before, ...record.versions].slice(0, REMEMBERED_VERSIONS);
    record.config = config;
    record.instanceId = newInstanceId();
    record.restarts = 0;
    this.journal.move("replacing", { type: "update", status: "replacing", source: "user" });
    if (stuck) return;
    this.follow(async (isCurrent) => {
      await this.processes.end(options);
      this.image = undefined;
      if (isCurrent()) await this.launch(skipLaunch);
    });
  }

  destroy(force: boolean, { stuck }: Fate = {}, source: EventRecord["source"] = "user"): void {
    const { state } = this.record;
    if (state === "destroyed") return;
    if (state !== "destroying") {
      if (!force && !isAtRest(state)) throw precondition("unable to destroy machine, not currently stopped");
      // From any state, even one that a fault made up: nothing may be undeletable.
      this.journal.set("destroying", { type: "destroy", status: "destroying", source });
    }
    if (!stuck) this.follow(() => this.erase());
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.requireStarted("signal").signal(signal);
  }

  /** The machine's processes, for whoever may use them right now. */
  requireStarted(purpose: string): RunningMachine {
    const { machine } = this.processes;
    if (this.record.state !== "started" || !machine) {
      throw precondition(`unable to ${purpose}: machine not running, current state: '${this.record.state}'`);
    }
    return machine;
  }

  /** The host lost it: nothing is left, and no event says so. */
  async vanish(): Promise<void> {
    this.halt();
    await this.removeAll();
    this.journal.set("destroyed");
  }

  async crash(): Promise<void> {
    this.requireStarted("crash");
    await this.processes.tearDown();
    this.judge({ ending: { code: null, signal: "SIGKILL" }, stopRequested: false, oomKilled: false });
  }

  /** After a start of the program: like a host that has its power back. */
  recover(): void {
    const { state } = this.record;
    const lostPower = { request: { reason: "the host was restarted" } };
    switch (state) {
      case "destroyed":
      case "stopped":
      case "failed":
        break;
      case "destroying":
        this.destroy(true);
        break;
      case "created":
        this.follow(() => this.launch(this.record.skipLaunch === true));
        break;
      case "suspending":
      case "suspended":
        this.record.keepRootDisk = true;
        this.journal.say("the host was restarted, the snapshot is lost");
        this.journal.set("stopped", { ...stopped, type: "suspend", request: { reason: "snapshot lost" } });
        break;
      case "creating":
      case "starting":
      case "started":
      case "restarting":
      case "replacing":
        this.journal.say("the host was restarted, booting again");
        this.journal.set("starting", { ...starting, ...lostPower });
        this.follow(() => this.boot("start"));
        break;
      case "launch_failed":
        this.journal.set("failed");
        break;
      default:
        // "stopping", or a state that a fault made up.
        this.journal.set("stopped", { ...stopped, ...lostPower });
    }
  }

  /** Ends the processes and leaves the state as it is: the next start of the program takes it from there. */
  async close(): Promise<void> {
    this.halt();
    await this.processes.end(SHUTDOWN);
  }

  private halt(): void {
    this.epoch += 1;
    this.closed = true;
  }

  /** Runs what a request set going. Only the latest request's work may move the state. */
  private follow(work: (isCurrent: () => boolean) => Promise<void>): void {
    this.epoch += 1;
    const { epoch } = this;
    const isCurrent = () => epoch === this.epoch;
    work(isCurrent).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.context.log("machine.error", { machine: this.record.id, reason });
      if (isCurrent()) this.failed(reason);
    });
  }

  private async launch(skipLaunch: boolean): Promise<void> {
    const { epoch, journal } = this;
    if (!skipLaunch) journal.move("creating");
    await this.resolveImage();
    if (epoch !== this.epoch) return;
    if (skipLaunch) {
      journal.move("stopped", { type: "launch", status: "stopped", source: "flyd" });
      return;
    }
    journal.move("starting", starting);
    await this.boot("start");
  }

  private async resolveImage(): Promise<ResolvedImage> {
    this.image ??= await this.context.images.resolve(this.record.config.image, {
      progress: (line) => this.journal.say(line),
    });
    return this.image;
  }

  private async boot(reason: BootReason): Promise<void> {
    const { epoch, context, record } = this;
    const image = await this.resolveImage();
    if (epoch !== this.epoch) return;
    const places = { machineDir: context.machineDir(record.id), volumeDir: context.volumeDir };
    await this.processes.boot(bootSpec(record, image, places, reason));
    if (epoch !== this.epoch) return;
    delete record.keepRootDisk;
    const request = { isolation: this.processes.machine?.isolation, runs: image.description };
    this.journal.move("started", { ...started, request });
  }

  private async resume(): Promise<void> {
    const { epoch } = this;
    await this.processes.thaw();
    if (epoch === this.epoch) this.journal.move("started", started);
  }

  private async erase(): Promise<void> {
    await this.removeAll();
    delete this.record.lease;
    if (this.record.state === "destroying") {
      this.journal.move("destroyed", { type: "destroy", status: "destroyed", source: "flyd" });
    }
  }

  private async removeAll(): Promise<void> {
    const { runtime, machineDir, releaseVolumes } = this.context;
    const { id } = this.record;
    await this.processes.tearDown();
    await runtime.forget?.(machineDir(id));
    await removeTree(machineDir(id));
    releaseVolumes(id);
  }

  private exited(exit: MachineExit): void {
    if (this.closed) return;
    if (this.record.state === "started") this.judge(exit);
    else this.journal.note(this.exitEvent(exit, false));
  }

  /** The main command ended by itself. */
  private judge(exit: MachineExit): void {
    const { journal, record } = this;
    const verdict = afterExit(record.config, exit, record.restarts);
    const { error } = exit.ending;
    journal.say(
      error ? `could not start the command: ${error}` : `main process exited with code ${exitCode(exit)}`,
    );
    if (verdict.type === "rest") {
      if (verdict.exhausted) journal.say(`machine has reached its max restart count of ${record.restarts}`);
      this.epoch += 1;
      journal.move("stopped", this.exitEvent(exit, false));
      return;
    }
    journal.note(this.exitEvent(exit, verdict.type === "restart"));
    if (verdict.type === "destroy") {
      this.destroy(true, {}, "flyd");
      return;
    }
    record.restarts += 1;
    journal.move("restarting");
    this.follow(async (isCurrent) => {
      await new Promise((resolve) => setTimeout(resolve, verdict.afterMs).unref());
      if (!isCurrent()) return;
      journal.move("starting", starting);
      await this.boot("restart");
    });
  }

  private exitEvent(exit: MachineExit, restarting: boolean): NewEvent {
    const request = exitRequest(exit, this.record.restarts, restarting);
    return { type: "exit", status: "stopped", source: "flyd", request };
  }

  private failed(reason: string): void {
    const { journal } = this;
    const request = { error: reason };
    if (this.record.state === "suspending") {
      journal.say(`suspend failed: ${reason}`);
      journal.move("started", { type: "suspend", status: "started", source: "flyd", request });
    } else if (journal.mayMove("launch_failed")) {
      journal.say(`launch failed: ${reason}`);
      journal.move("launch_failed", { type: "launch", status: "launch_failed", source: "flyd", request });
      journal.move("failed", { type: "launch", status: "failed", source: "flyd", request });
    }
  }
}
