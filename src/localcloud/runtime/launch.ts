/** What every runtime has in common: start the first process, wait until the main command runs, and own the way it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Server, Socket } from "node:net";
import { join } from "node:path";
import type { BootMessage, CommandSpec } from "../guest/protocol.ts";
import type { MachineCgroup } from "./cgroups.ts";
import { continueTree, killTree, stopTree } from "./freezer.ts";
import { GuestLink } from "./guest-link.ts";
import { describeProcess, processTree } from "./process-tree.ts";
import type {
  CommandRequest,
  CommandSession,
  ExecRequest,
  ExecResult,
  Isolation,
  MachineExit,
  MachineSink,
  ProcessInfo,
  PtyRequest,
  PtySession,
  RunningMachine,
} from "./runtime.ts";

/** Puts itself into the machine's control groups, then becomes the command: no child is ever outside of them. */
const JOIN_AND_EXEC =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1"; shift; n=$((n-1)); done; exec "$@"';

export interface Launch {
  isolation: Isolation;
  /** What starts the machine's first process, with whatever closes it in. */
  command: string[];
  /** The environment of `command` itself; the machine's own goes by `boot`. */
  env: Record<string, string>;
  cwd?: string;
  boot: BootMessage;
  cgroup: MachineCgroup;
  sink: MachineSink;
  /** Every process of the machine, seen from the host, the first one first. */
  members?: (root: number) => Promise<number[]>;
  /** How many of `members` are machinery: not shown as the machine's own processes. */
  machinery: number;
  /** After the last process is gone. */
  cleanUp?: () => Promise<void>;
}

class LaunchedMachine implements RunningMachine {
  readonly isolation: Isolation;
  private readonly launch: Launch;
  private readonly child: ChildProcess;
  private readonly link: GuestLink;
  private killed: Promise<void> | undefined;
  private exitTold = false;
  private wayOut: Server | undefined;
  private complaints = "";
  readonly up = Promise.withResolvers<void>();

  constructor(launch: Launch) {
    this.launch = launch;
    this.isolation = launch.isolation;
    const { joinFiles } = launch.cgroup;
    const argv = ["-c", JOIN_AND_EXEC, "sh", String(joinFiles.length), ...joinFiles, ...launch.command];
    this.child = spawn("/bin/sh", argv, {
      env: launch.env,
      cwd: launch.cwd,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      // A group of its own: a Ctrl-C at the terminal is for the program, which then ends its machines in order.
      detached: true,
    });
    this.link = new GuestLink(this.child, {
      ready: () => this.link.send(launch.boot),
      started: () => this.up.resolve(),
      output: (stream, data) => launch.sink.output(stream, data),
      egress: (listener) => {
        this.wayOut = listener;
        launch.sink.egress(listener);
      },
      bootFailed: (reason) => void this.fail(new Error(reason)),
      exited: (exit) => void this.finish(exit),
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        this.complaints = (this.complaints + data.toString()).slice(-2000);
      });
    }
    this.child.once("error", (error) => void this.fail(error));
    // Without a word from inside, the first process was killed, or never came up.
    this.child.once("exit", () => {
      this.up.reject(new Error(this.complaints.trim() || "the machine's first process ended at once"));
      void this.finish({ ending: { code: null, signal: "SIGKILL" }, stopRequested: false });
    });
  }

  private async fail(error: Error): Promise<void> {
    this.exitTold = true;
    await this.kill();
    this.up.reject(error);
  }

  private async finish(exit: Omit<MachineExit, "oomKilled">): Promise<void> {
    if (this.exitTold) return;
    this.exitTold = true;
    // A command that could not begin still was a boot: the exit tells the reason.
    this.up.resolve();
    const oomKilled = (await this.launch.cgroup.oomKills()) > 0;
    await this.kill();
    this.launch.sink.exited({ ...exit, oomKilled });
  }

  exec(request: ExecRequest): Promise<ExecResult> {
    return this.link.exec({ ...request, ...this.beside(request) });
  }

  openCommand(request: CommandRequest): CommandSession {
    return this.link.openCommand(this.beside(request));
  }

  openPty({ cols, rows, ...request }: PtyRequest): PtySession {
    return this.link.openPty({ cols, rows, ...this.beside(request) });
  }

  /** Commands beside the main one run as root, whoever the main one runs as, unless they ask for its user. */
  private beside({ argv, env, cwd, as }: CommandRequest): CommandSpec {
    const { boot } = this.launch;
    const own: Record<string, string> = as === "main" ? {} : { HOME: boot.rootHome, USER: "root" };
    return {
      argv,
      env: { ...boot.env, ...own, ...env },
      cwd: cwd === undefined ? boot.cwd : join(boot.pathPrefix, cwd),
      ...(as === "main" ? { user: boot.user } : {}),
    };
  }

  connect(port: number): Promise<Socket> {
    return this.link.connect(port);
  }

  signal(signal: NodeJS.Signals): Promise<boolean> {
    return this.link.signal(signal);
  }

  stop(signal: NodeJS.Signals, graceMs: number): void {
    this.link.send({ type: "stop", signal, graceMs });
  }

  /** A machine killed on purpose tells no exit: whoever killed it knows. */
  kill(): Promise<void> {
    this.exitTold = true;
    this.killed ??= this.killOnce();
    return this.killed;
  }

  private async killOnce(): Promise<void> {
    const { cgroup, cleanUp } = this.launch;
    // It lies in the machine's network, and would keep that alive.
    this.wayOut?.close();
    await cgroup.killAll();
    await killTree(this.root, () => this.members());
    await cgroup.remove();
    await cleanUp?.();
  }

  async freeze(): Promise<void> {
    if (this.launch.cgroup.canFreeze) await this.launch.cgroup.freeze();
    else await stopTree(() => this.members());
  }

  async thaw(): Promise<void> {
    if (this.launch.cgroup.canFreeze) await this.launch.cgroup.thaw();
    else await continueTree(() => this.members());
  }

  async processes(): Promise<ProcessInfo[]> {
    const own = (await this.members()).slice(this.launch.machinery);
    return (await Promise.all(own.map(describeProcess))).filter((info) => info !== undefined);
  }

  private get root(): number {
    return this.child.pid ?? -1;
  }

  private members(): Promise<number[]> {
    return this.launch.members?.(this.root) ?? processTree(this.root);
  }
}

/** Resolves once the main command runs (or could not even begin, which the sink is told). */
export async function launchMachine(launch: Launch): Promise<RunningMachine> {
  const machine = new LaunchedMachine(launch);
  await machine.up.promise;
  return machine;
}
