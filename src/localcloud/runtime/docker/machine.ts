import { connect as dial, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, type CommandRequest as EngineCommand } from "../../../docker-engine-client/command.ts";
import { Demultiplexer } from "../../../docker-engine-client/demultiplex.ts";
import { endingOf } from "../../../docker-engine-client/ending.ts";
import { type Engine, EngineError } from "../../../docker-engine-client/engine.ts";
import { MachineGoneError } from "../guest-link.ts";
import type {
  CommandRequest,
  CommandSession,
  ExecRequest,
  ExecResult,
  MachineSink,
  ProcessInfo,
  PtyRequest,
  PtySession,
  RunningMachine,
} from "../runtime.ts";
import { addressOf, type ContainerView, type Place } from "./container.ts";
import { finish, session, terminal } from "./exec.ts";
import { parseProcesses, type TopView } from "./top.ts";

/** Stands in a command's environment, and so in that of all it starts. */
const EXEC_MARK = "LOCALCLOUD_EXEC";
/** How long last words may still arrive after the container has ended. */
const DRAIN_MS = 1_000;
/** How much later the machine's own end may be told than that of a command in it. */
const NEWS_MS = 300;

/** The engine no longer knows the container, or says that it does not run. */
function isDown(error: unknown): boolean {
  return error instanceof EngineError && [404, 409].includes(error.status);
}

function beside({ argv, env, cwd, as }: CommandRequest): Omit<EngineCommand, "mark"> {
  return { argv, env, cwd, ...(as === "main" ? { user: "" } : {}) };
}

export interface Container {
  id: string;
  engine: Engine;
  place: Place;
  sink: MachineSink;
  /** Removes the container, and keeps of its disk what must be kept. */
  remove(options: { frozen: boolean }): Promise<void>;
}

/** A created container, from its start to its removal. */
export class DockerMachine implements RunningMachine {
  readonly isolation = "docker";
  private readonly container: Container;
  /** As it was when it had started: its addresses stay. */
  private view: ContainerView | undefined;
  private frozen = false;
  private readonly ended = Promise.withResolvers<void>();
  private stopRequested = false;
  private exitTold = false;
  private removed: Promise<void> | undefined;

  constructor(container: Container) {
    this.container = container;
  }

  /** Resolves once the main command runs; its end is told to the sink. */
  async start(): Promise<void> {
    const { sink } = this.container;
    const output = await this.container.engine.hijack(this.path("attach"), {
      query: { stream: "1", stdout: "1", stderr: "1" },
    });
    const demultiplexer = new Demultiplexer((stream, data) => {
      // One killed on purpose says no more.
      if (!this.removed) sink.output(stream, data);
    });
    output.on("data", (data: Buffer) => demultiplexer.push(data));
    const drained = new Promise<void>((resolve) => output.once("close", () => resolve()));
    await this.post("start");
    this.view = await this.inspect();
    void this.watch(drained);
  }

  /** Until the container ends. */
  private async watch(drained: Promise<void>): Promise<void> {
    try {
      await this.post("wait");
      this.ended.resolve();
      await Promise.race([drained, sleep(DRAIN_MS, undefined, { ref: false })]);
      const { State } = await this.inspect();
      await this.tellExit(endingOf(State.ExitCode), State.OOMKilled);
    } catch {
      // The container was taken away by somebody else, or the engine went down and took it along.
      await this.tellExit({ code: null, signal: "SIGKILL" }, false);
    }
  }

  private async tellExit(ending: ReturnType<typeof endingOf>, oomKilled: boolean): Promise<void> {
    if (this.exitTold) return;
    // What cannot be removed is in nobody's way: the next boot and the end of the cloud try again.
    await this.kill().catch(() => {});
    this.container.sink.exited({ ending, stopRequested: this.stopRequested, oomKilled });
  }

  async exec(request: ExecRequest): Promise<ExecResult> {
    try {
      const command = await this.begin({ argv: request.argv });
      const result = await finish(command, request);
      const wasKilled = result.ending.signal === "SIGKILL" && !result.timedOut;
      if (wasKilled && (await this.endsNow())) throw new MachineGoneError();
      return result;
    } catch (error) {
      if (this.removed || isDown(error)) throw new MachineGoneError();
      throw error;
    }
  }

  /** A command goes down with its machine, and may be the first to be told. */
  private async endsNow(): Promise<boolean> {
    const lives = sleep(NEWS_MS, false, { ref: false });
    return this.removed !== undefined || Promise.race([lives, this.ended.promise.then(() => true)]);
  }

  openCommand(request: CommandRequest): CommandSession {
    return session(this.begin(beside(request)));
  }

  openPty({ cols, rows, ...request }: PtyRequest): PtySession {
    const size = { cols, rows };
    return terminal(this.begin({ ...beside(request), terminal: size }));
  }

  private begin(request: Omit<EngineCommand, "mark">): Promise<Command> {
    return Command.start(this.container.engine, this.container.id, { ...request, mark: EXEC_MARK });
  }

  async connect(port: number): Promise<Socket> {
    const address = this.view && addressOf(this.view, port, this.container.place);
    if (!address) throw Object.assign(new Error("ECONNREFUSED"), { code: "ECONNREFUSED" });
    const socket = dial(address);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    socket.on("error", () => {});
    return socket;
  }

  async signal(signal: NodeJS.Signals): Promise<boolean> {
    return this.post("kill", { signal }).then(
      () => true,
      () => false,
    );
  }

  stop(signal: NodeJS.Signals, graceMs: number): void {
    this.stopRequested = true;
    void this.signal(signal);
    setTimeout(() => void this.signal("SIGKILL"), graceMs).unref();
  }

  /** A machine killed on purpose tells no exit: whoever killed it knows. */
  kill(): Promise<void> {
    this.exitTold = true;
    this.removed ??= this.container.remove({ frozen: this.frozen });
    return this.removed;
  }

  async freeze(): Promise<void> {
    await this.post("pause");
    this.frozen = true;
  }

  async thaw(): Promise<void> {
    await this.post("unpause");
    this.frozen = false;
  }

  async processes(): Promise<ProcessInfo[]> {
    const query = { ps_args: "-eo pid,rss,args" };
    return parseProcesses(await this.container.engine.call<TopView>("GET", this.path("top"), { query }));
  }

  private inspect(): Promise<ContainerView> {
    return this.container.engine.call("GET", this.path("json"));
  }

  private post(action: string, query?: Record<string, string>): Promise<void> {
    return this.container.engine.call("POST", this.path(action), { query });
  }

  private path(action: string): string {
    return `/containers/${this.container.id}/${action}`;
  }
}
