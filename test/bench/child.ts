import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

export interface Child {
  process: ChildProcess;
  pid: number;
  /** The end of what it said, for when it fails. */
  output: () => string;
  /** Rejects when it ends before it was asked to. */
  crashed: Promise<never>;
  /** Asks, then insists. Returns once it is gone. */
  end: (graceMs: number) => Promise<void>;
}

const OUTPUT_CHARS = 4_000;

/** Whether processes can be bound to a core each, which keeps the load's work off the core that is measured. */
const canPin = availableParallelism() > 1 && spawnSync("taskset", ["-c", "0,1", "true"]).status === 0;

export function describePinning(): string {
  return canPin
    ? "the Workers have core 0, load and origin core 1"
    : "processes are not bound to cores (no taskset, or one core): expect more noise";
}

export interface StartOptions extends SpawnOptions {
  core?: number;
}

/** `taskset` becomes the program, so the pid is the program's. */
export function startChild(command: string, args: string[], { core, ...options }: StartOptions = {}): Child {
  const pinned = core === undefined || !canPin ? [command] : ["taskset", "-c", String(core), command];
  const [program = command, ...before] = pinned;
  const child = spawn(program, [...before, ...args], { stdio: ["ignore", "pipe", "pipe"], ...options });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => {
      said = (said + data).slice(-OUTPUT_CHARS);
    });
  }
  let isWanted = true;
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once("error", (error) => resolve(error.message));
  });
  const crashed = exited.then((how) => {
    if (isWanted) {
      throw new Error(`${command} ended (${how})\n${said}`);
    }
    return new Promise<never>(() => undefined);
  });
  // Whoever waits for something of this process hears of it; nobody has to.
  crashed.catch(() => undefined);
  return {
    process: child,
    pid: child.pid ?? 0,
    output: () => said,
    crashed,
    end: async (graceMs) => {
      isWanted = false;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Time on a processor of all threads of a process, in microseconds. */
export function cpuMicros(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + threadNanos(pid, thread), 0) / 1_000;
}

function threadNanos(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    // It has ended since the listing.
    return 0;
  }
}

/** Fails after so long, whatever is waited for. */
export async function within<T>(what: string, ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
