import type { ChildProcess } from "node:child_process";

/** Signals a process and whatever it started. Its group may be gone already, which is what was wanted. */
export function signalGroup(child: Pick<ChildProcess, "pid">, signal: NodeJS.Signals): boolean {
  if (child.pid === undefined) return false;
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch {
    return false;
  }
}
