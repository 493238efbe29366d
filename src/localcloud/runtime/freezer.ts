import { signalProcess } from "../../os/processes.ts";
import { processTree } from "./process-tree.ts";

/** Stops a process tree by signals. A tree that forks meanwhile is walked again until a walk finds nobody new. */
export async function stopTree(members: () => Promise<number[]>): Promise<void> {
  const stopped = new Set<number>();
  for (;;) {
    const fresh = (await members()).filter((pid) => !stopped.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      signalProcess(pid, "SIGSTOP");
      stopped.add(pid);
    }
  }
}

export async function continueTree(members: () => Promise<number[]>): Promise<void> {
  // Leaves first: a parent that waits for its child finds it running.
  for (const pid of (await members()).reverse()) signalProcess(pid, "SIGCONT");
}

/** Kills every member and resolves when none is alive. */
export async function killTree(
  root: number,
  members: () => Promise<number[]> = () => processTree(root),
): Promise<void> {
  for (;;) {
    const alive = await members();
    if (alive.length === 0) return;
    for (const pid of alive) signalProcess(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
