import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The real program. */
export const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A token of the right form. */
export const TOKEN = `gn_live_${"a2".repeat(26)}`;

/** Kept between runs: compiling the program anew for each would be most of a test's time. */
const CACHE = join(tmpdir(), `gentity-cli-cache-${process.getuid?.() ?? 0}`);

/** A home folder of a test's own, so that nobody's login is read or written. */
export interface Home {
  path: string;
  configPath: string;
  remove: () => void;
}

export function makeHome(): Home {
  const path = mkdtempSync(join(tmpdir(), "gentity-cli-"));
  return {
    path,
    configPath: join(path, ".config", "gentity", "config.json"),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The environment of a run: the system's path, the test's home, and what the test adds. */
export function environment(home: Home, extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOME: home.path, XDG_CACHE_HOME: CACHE, ...extra };
}

export interface RunOptions {
  home: Home;
  env?: Record<string, string>;
  cwd?: string;
  /** Piped in; without it stdin is empty. */
  stdin?: string | Buffer;
  /** Sent as soon as the output matches. */
  interruptAt?: RegExp;
}

export interface RunResult {
  code: number | null;
  stdout: string;
  stderr: string;
  stdoutBytes: Buffer;
}

/** Runs `gentity` with real pipes and waits for its end. */
export function runCli(args: readonly string[], options: RunOptions): Promise<RunResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd ?? options.home.path,
    env: environment(options.home, options.env),
    stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(options.stdin);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let isInterrupted = false;
  const take = (into: Buffer[]) => (chunk: Buffer) => {
    into.push(chunk);
    if (isInterrupted || !options.interruptAt?.test(Buffer.concat(into).toString())) return;
    isInterrupted = true;
    child.kill("SIGINT");
  };
  child.stdout?.on("data", take(stdout));
  child.stderr?.on("data", take(stderr));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const stdoutBytes = Buffer.concat(stdout);
      resolve({
        code,
        stdout: stdoutBytes.toString(),
        stderr: Buffer.concat(stderr).toString(),
        stdoutBytes,
      });
    });
  });
}
