import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { processesWithEnv } from "../../../os/processes.ts";
import { killTree } from "../../runtime/freezer.ts";
import { processTree } from "../../runtime/process-tree.ts";

/** Stands in the environment of every process of a server: so what left its parents is found all the same. */
const MARK = "GENTITY_SERVER";

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  error?: string;
}

export interface SpawnOptions {
  argv: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** A file that both outputs are added to. */
  logFile: string;
}

/** Every process of one server, and their end. */
export class ServerProcesses {
  private readonly mark: string;
  private readonly env: Record<string, string>;
  private readonly cwd: string;
  private readonly roots = new Set<number>();

  /** @param name of this server among those of all local clouds on this computer. */
  constructor(name: string, { env, cwd }: { env: Record<string, string>; cwd: string }) {
    this.mark = `${MARK}=${name}`;
    this.env = { ...env, [MARK]: name };
    this.cwd = cwd;
  }

  spawn({ argv, env, cwd, logFile }: SpawnOptions): { child: ChildProcess; ended: Promise<Ended> } {
    const [file = "", ...args] = argv;
    const child = spawn(file, args, {
      env: { ...this.env, ...env },
      cwd: cwd ?? this.cwd,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: what it starts can be ended with it, and a Ctrl-C at the terminal is not for it.
      detached: true,
    });
    mkdirSync(dirname(logFile), { recursive: true });
    const keep = (data: Buffer) => appendFileSync(logFile, data);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const { pid } = child;
    if (pid !== undefined) this.roots.add(pid);
    const ended = new Promise<Ended>((resolve) => {
      child.once("error", (error) => resolve({ code: 127, signal: null, error: error.message }));
      child.once("exit", (code, signal) => {
        if (pid !== undefined) this.roots.delete(pid);
        resolve({ code, signal });
      });
    });
    return { child, ended };
  }

  /** Resolves when none is left, whoever started them. */
  killAll(): Promise<void> {
    return killTree(-1, async () => {
      const trees = await Promise.all([...this.roots].map(processTree));
      return [...new Set([...trees.flat(), ...(await processesWithEnv(this.mark))])];
    });
  }
}
