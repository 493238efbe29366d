/** The seam between the vendor's machine and whatever really runs it on this computer. */
import type { Server, Socket } from "node:net";
import type { BootFile, Ending, OutputStream } from "../guest/protocol.ts";
import type { ImageContext, ResolvedImage } from "../images/image.ts";

export type Isolation = "bubblewrap" | "unshare" | "none" | "docker";

/** Where it is decided for each machine, and nobody asked for one of them, the whole names both. */
export type OverallIsolation = Isolation | `docker, else ${Isolation}`;

export interface BootSpec {
  machineId: string;
  image: ResolvedImage;
  argv: string[];
  env: Record<string, string>;
  workdir: string;
  /** A name or number, as the vendor's config has it; absent runs as root. */
  user?: string;
  files: BootFile[];
  /** Volumes: folders of the host that the machine may write. */
  mounts: { from: string; to: string }[];
  /** The machine's own folder on the host. Its root disk lies in it. */
  machineDir: string;
  /** Whether what is on the root disk from the last boot stays. */
  keepRootDisk: boolean;
  /** Whether the next boot may want what is on the root disk after this one. */
  mayKeepRootDisk: boolean;
  /** The ports its services name. */
  ports: number[];
  limits: { memoryMb: number; cpus: number };
}

export interface MachineExit {
  ending: Ending;
  stopRequested: boolean;
  oomKilled: boolean;
}

/** Told to whoever booted the machine. Nothing is told after `exited`. */
export interface MachineSink {
  output(stream: OutputStream, data: Uint8Array): void;
  exited(exit: MachineExit): void;
  /** The machine's way out: a listener in its own network. Never called where it shares the host's. */
  egress(listener: Server): void;
}

/** Runs as root, with the machine's environment, in its working directory. */
export interface ExecRequest {
  argv: string[];
  stdin?: string;
  timeoutMs: number;
}

export interface ExecResult {
  ending: Ending;
  timedOut: boolean;
  stdout: string;
  stderr: string;
}

/** A command beside the main one whose input and outputs are live. */
export interface CommandRequest {
  argv: string[];
  /** Above the machine's own. */
  env?: Record<string, string>;
  /** Absent: the machine's working directory. */
  cwd?: string;
  /** Absent: root. `main`: whoever the main command runs as. */
  as?: "root" | "main";
}

export interface CommandSession {
  onOutput(listener: (stream: OutputStream, data: Uint8Array) => void): void;
  onExit(listener: (ending: Ending) => void): void;
  write(data: Uint8Array): void;
  endInput(): void;
}

export interface PtyRequest extends CommandRequest {
  cols: number;
  rows: number;
}

export interface PtySession {
  onData(listener: (data: string) => void): void;
  onExit(listener: (ending: Ending) => void): void;
  write(data: string): void;
  resize(cols: number, rows: number): void;
  close(): void;
}

export interface ProcessInfo {
  pid: number;
  command: string;
  directory: string;
  rssBytes: number;
}

/** A machine that is up. */
export interface RunningMachine {
  readonly isolation: Isolation;
  exec(request: ExecRequest): Promise<ExecResult>;
  openCommand(request: CommandRequest): CommandSession;
  openPty(request: PtyRequest): PtySession;
  /** Rejects with the system's error code when nothing answers there. */
  connect(port: number): Promise<Socket>;
  /** To the main command. */
  signal(signal: NodeJS.Signals): Promise<boolean>;
  /** Asks the main command to end; after the grace it is made to. The exit is told to the sink. */
  stop(signal: NodeJS.Signals, graceMs: number): void;
  /** Ends every process of the machine and resolves when none is left. Works on a frozen machine too. */
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  processes(): Promise<ProcessInfo[]>;
}

export interface Runtime {
  readonly isolation: OverallIsolation;
  /** What this way of running cannot do, for people. */
  readonly limits: string[];
  /** What the runtime itself has under this name; otherwise it is for the image store to say. */
  resolve?(ref: string, context: ImageContext): Promise<ResolvedImage | undefined>;
  boot(spec: BootSpec, sink: MachineSink): Promise<RunningMachine>;
  /** Ends what an earlier run of the program left behind in this machine's folder. */
  sweep(machineDir: string): Promise<void>;
  /** A machine is gone for good, and with it what the runtime kept of it outside of its folder. */
  forget?(machineDir: string): Promise<void>;
  /** Removes a folder that machines wrote to, where its files may be others' than the program's user. */
  removeTree?(path: string): Promise<void>;
  /** Undoes what the runtime itself set up on the host. */
  close(): Promise<void>;
}
