import type { Server } from "node:net";
import type { OutputStream } from "../../guest/protocol.ts";
import type { BootSpec, MachineExit, RunningMachine, Runtime } from "../../runtime/runtime.ts";
import { LineCutter } from "../log-store.ts";

/** The first process does the killing when a grace is over; this much later somebody looks whether it did. */
const OVERDUE_MS = 2000;

export interface StopOptions {
  signal: NodeJS.Signals;
  timeoutMs: number;
}

export interface HolderEvents {
  line(text: string, stream: OutputStream): void;
  egress(listener: Server): void;
  /** The main command ended, by itself or because it was asked to. Not told of a machine that was torn down. */
  exited(exit: MachineExit): void;
}

interface Run {
  machine: RunningMachine;
  ended: PromiseWithResolvers<void>;
}

/** The processes of one machine, from boot to end, at most one set of them at a time. */
export class ProcessHolder {
  private readonly runtime: Runtime;
  private readonly events: HolderEvents;
  private run: Run | undefined;
  /** Whoever takes the machine down waits for this, so that nothing comes up behind its back. */
  private booting: Promise<void> = Promise.resolve();
  private frozen = false;

  constructor(runtime: Runtime, events: HolderEvents) {
    this.runtime = runtime;
    this.events = events;
  }

  get machine(): RunningMachine | undefined {
    return this.run?.machine;
  }

  async boot(spec: BootSpec): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const out = new LineCutter((text) => this.events.line(text, "stdout"));
    const err = new LineCutter((text) => this.events.line(text, "stderr"));
    const boot = this.runtime.boot(spec, {
      output: (stream, data) => (stream === "stdout" ? out : err).push(data),
      egress: this.events.egress,
      exited: (exit) => {
        out.end();
        err.end();
        // A command that could not begin ends before its boot is told of.
        void this.booting.then(() => setImmediate(() => this.finish(ended, exit)));
      },
    });
    this.booting = boot.then(
      (machine) => {
        this.run = { machine, ended };
      },
      () => {},
    );
    await boot;
  }

  private finish(ended: PromiseWithResolvers<void>, exit: MachineExit): void {
    if (this.run?.ended === ended) this.run = undefined;
    ended.resolve();
    this.events.exited(exit);
  }

  /** Lets the main command end, or makes it. Resolves when no process is left. */
  async end({ signal, timeoutMs }: StopOptions): Promise<void> {
    await this.booting;
    // A frozen machine cannot hear a signal, and what it holds in memory is to be given up anyway.
    if (this.frozen) await this.tearDown();
    if (!this.run) return;
    const { machine, ended } = this.run;
    machine.stop(signal, timeoutMs);
    const overdue = setTimeout(() => void this.tearDown(), timeoutMs + OVERDUE_MS);
    await ended.promise;
    clearTimeout(overdue);
  }

  async tearDown(): Promise<void> {
    await this.booting;
    const { run } = this;
    this.run = undefined;
    this.frozen = false;
    await run?.machine.kill();
    run?.ended.resolve();
  }

  async freeze(): Promise<void> {
    await this.run?.machine.freeze();
    this.frozen = true;
  }

  async thaw(): Promise<void> {
    await this.run?.machine.thaw();
    this.frozen = false;
  }
}
