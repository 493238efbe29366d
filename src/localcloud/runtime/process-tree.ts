import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { parentOf, signalProcess } from "../../os/processes.ts";
import type { ProcessInfo } from "./runtime.ts";

const PAGE_BYTES = 4096;

interface Entry {
  pid: number;
  parent: number;
}

async function allProcesses(): Promise<Entry[]> {
  if (process.platform !== "linux") {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
    return stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0]) => ({ pid, parent }));
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map(async (pid) => ({ pid, parent: await parentOf(pid) })));
  return entries.filter((entry): entry is Entry => entry.parent !== undefined);
}

/** A process and everything below it that is alive, the process first. */
export async function processTree(root: number): Promise<number[]> {
  const entries = await allProcesses();
  const children = Map.groupBy(entries, (entry) => entry.parent);
  const found = entries.some((entry) => entry.pid === root) ? [root] : [];
  for (let index = 0; index < found.length; index++) {
    for (const { pid } of children.get(found[index] ?? -1) ?? []) found.push(pid);
  }
  return found;
}

export async function isAlive(pid: number): Promise<boolean> {
  if (process.platform === "linux") return (await parentOf(pid)) !== undefined;
  return signalProcess(pid, 0);
}

export async function describeProcess(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const [cmdline, statm, status] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readFile(`/proc/${pid}/statm`, "utf8"),
      readFile(`/proc/${pid}/status`, "utf8"),
    ]);
    const inside = status.match(/^NSpid:.*\s(\d+)$/m)?.[1];
    return {
      pid: Number(inside ?? pid),
      command: cmdline.split("\0").join(" ").trim(),
      directory: await readlink(`/proc/${pid}/cwd`).catch(() => ""),
      rssBytes: Number(statm.split(" ")[1] ?? 0) * PAGE_BYTES,
    };
  } catch {
    return undefined;
  }
}
