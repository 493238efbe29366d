/** One service: its main process, kept running as its file says. */
import type { ChildProcess } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { below, mapCommand } from "./paths.ts";
import type { Ended, ServerProcesses } from "./processes.ts";
import { assignment, type UnitSpec } from "./unit-file.ts";

export type UnitState = "inactive" | "activating" | "active" | "failed";

export interface UnitContext {
  root: string;
  processes: ServerProcesses;
}

export class Unit {
  readonly name: string;
  state: UnitState = "inactive";
  private spec: UnitSpec;
  private readonly context: UnitContext;
  private main: { child: ChildProcess; ended: Promise<Ended> } | undefined;
  /** Counts the orders: whoever finds that another came leaves the unit to that one. */
  private order = 0;

  constructor(name: string, spec: UnitSpec, context: UnitContext) {
    this.name = name;
    this.spec = spec;
    this.context = context;
  }

  /** The file was read again. What runs goes on as it was. */
  update(spec: UnitSpec): void {
    this.spec = spec;
  }

  get logFile(): string {
    return join(this.context.root, "var/log/journal", `${this.name}.log`);
  }

  /** @returns whether it began. A service that is to be kept running goes on trying. */
  async start(): Promise<boolean> {
    if (this.state === "active" || this.state === "activating") return true;
    this.order += 1;
    const { order } = this;
    if (await this.begin(order)) return true;
    if (this.order === order && this.wantsRestart({ code: 1, signal: null })) void this.restartLater(order);
    return false;
  }

  private async begin(order: number): Promise<boolean> {
    this.state = "activating";
    try {
      for (const { argv, mayFail } of this.spec.startBefore) {
        const { code } = await this.spawn(argv).ended;
        if (this.order !== order) return false;
        if (code !== 0 && !mayFail) throw new Error(`${argv.join(" ")} failed (${code})`);
      }
      const main = this.spawn(this.spec.argv);
      this.main = main;
      if (this.spec.type === "oneshot") return await this.endOnce(main.ended);
      this.state = "active";
      void main.ended.then((ended) => this.ended(order, ended));
      return true;
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  private async endOnce(ended: Promise<Ended>): Promise<boolean> {
    const { code } = await ended;
    this.main = undefined;
    this.state = code === 0 ? "inactive" : "failed";
    return code === 0;
  }

  private ended(order: number, ended: Ended): void {
    if (this.order !== order) return;
    this.main = undefined;
    const how = ended.error ?? (ended.signal ? `signal ${ended.signal}` : `code ${ended.code}`);
    this.say(`main process ended: ${how}`);
    if (this.wantsRestart(ended)) void this.restartLater(order);
    else this.state = ended.code === 0 ? "inactive" : "failed";
  }

  private wantsRestart({ code, signal }: Ended): boolean {
    const { restart } = this.spec;
    const isClean = code === 0 || signal === "SIGTERM" || signal === "SIGINT" || signal === "SIGHUP";
    if (restart === "always") return true;
    return isClean ? restart === "on-success" : restart === "on-failure";
  }

  private async restartLater(order: number): Promise<void> {
    this.state = "activating";
    await sleep(this.spec.restartMs, undefined, { ref: false });
    if (this.order !== order) return;
    if (!(await this.begin(order)) && this.order === order) void this.restartLater(order);
  }

  async stop(): Promise<void> {
    this.order += 1;
    const { main } = this;
    this.main = undefined;
    this.state = "inactive";
    if (!main) return;
    const { killsMainOnly, stopSignal, stopMs } = this.spec;
    const signal = (name: NodeJS.Signals) => send(main.child, name, killsMainOnly);
    signal(stopSignal);
    const overdue = setTimeout(() => signal("SIGKILL"), stopMs);
    await main.ended;
    clearTimeout(overdue);
  }

  private spawn(argv: readonly string[]) {
    const { root, processes } = this.context;
    const { workingDirectory } = this.spec;
    return processes.spawn({
      argv: mapCommand(root, argv),
      env: { ...this.fileEnvironment(), ...this.spec.environment },
      ...(workingDirectory === undefined ? {} : { cwd: below(root, workingDirectory) }),
      logFile: this.logFile,
    });
  }

  private fileEnvironment(): Record<string, string> {
    const lines = this.spec.environmentFiles.flatMap(({ path, mayBeMissing }) => {
      try {
        return readFileSync(below(this.context.root, path), "utf8").split("\n");
      } catch (error) {
        if (mayBeMissing) return [];
        throw error;
      }
    });
    return Object.fromEntries(lines.filter((line) => /^\w+=/.test(line)).map(assignment));
  }

  private fail(reason: string): void {
    this.state = "failed";
    this.say(reason);
  }

  private say(text: string): void {
    mkdirSync(join(this.logFile, ".."), { recursive: true });
    appendFileSync(this.logFile, `${this.name}: ${text}\n`);
  }
}

/** To the process alone, or to all of its group. Either may be gone already. */
function send({ pid }: ChildProcess, signal: NodeJS.Signals, isAlone: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(isAlone ? pid : -pid, signal);
  } catch {
    // It has just ended by itself.
  }
}
