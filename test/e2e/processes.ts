/** Who belongs to a stack, so that nobody can be left behind unseen. */
import { readdirSync, readFileSync } from "node:fs";

interface Process {
  pid: number;
  parent: number;
  group: number;
  /** Since the computer's start, in clock ticks: with the pid it names one process for ever. */
  startedAt: string;
  command: string;
}

/** All that are alive; one that has ended and was not yet fetched by its parent is not. */
function allProcesses(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .map(readProcess)
    .filter((found) => found !== undefined);
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything, brackets included.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent = "", group = ""] = fields;
    if (state === "Z" || state === "X") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").slice(0, 200);
    return { pid, parent: Number(parent), group: Number(group), startedAt: fields[19] ?? "", command };
  } catch {
    return undefined;
  }
}

function mentions(pid: number, words: readonly string[]): boolean {
  return ["environ", "cmdline"].some((file) => {
    try {
      const text = readFileSync(`/proc/${pid}/${file}`, "utf8");
      return words.some((word) => text.includes(word));
    } catch {
      return false;
    }
  });
}

/** Everything below a process, in its group, or that carries one of these words in its environment or command line. */
export function family(root: number, words: readonly string[]): Process[] {
  const everyone = allProcesses();
  const inside = new Set<number>();
  for (let before = -1; before !== inside.size; ) {
    before = inside.size;
    for (const { pid, parent, group } of everyone) {
      if (pid === root || group === root || inside.has(parent)) inside.add(pid);
    }
  }
  return everyone.filter(({ pid }) => pid !== process.pid && (inside.has(pid) || mentions(pid, words)));
}

/** Those of them that are still there, as they would be shown to a person. */
export function alive(those: readonly Process[]): string[] {
  return those
    .filter(({ pid, startedAt }) => readProcess(pid)?.startedAt === startedAt)
    .map(({ pid, command }) => `${pid} ${command}`);
}

/** The one process below `root` whose command line has this in it. */
export function childOf(root: number, word: string): number {
  const found = allProcesses().find(({ parent, command }) => parent === root && command.includes(word));
  if (!found) throw new Error(`no process with "${word}" below ${root}`);
  return found.pid;
}
