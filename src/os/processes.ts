/** Processes of this computer, as /proc shows them. */
import { readdir, readFile } from "node:fs/promises";

/** Of a process that is alive; undefined of any other. */
export async function parentOf(pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything, brackets included.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parent] = fields;
    return state === "Z" || state === "X" ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

/** Processes that carry this variable in their environment: how what somebody started is known again, wherever it went. */
export async function processesWithEnv(assignment: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const carries = async (pid: number): Promise<boolean> => {
    try {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8");
      return environment.split("\0").includes(assignment) && (await parentOf(pid)) !== undefined;
    } catch {
      return false;
    }
  };
  const flags = await Promise.all(pids.map(carries));
  return pids.filter((_, index) => flags[index]);
}

/** Whether the process was there to be signalled. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
