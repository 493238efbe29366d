import { constants } from "node:os";
import type { MachineExit } from "../../runtime/runtime.ts";
import type { MachineConfig } from "../config.ts";

/** The vendor's default. */
const MAX_RETRIES = 10;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

export type Verdict =
  | { type: "restart"; afterMs: number }
  | { type: "rest"; exhausted: boolean }
  | { type: "destroy" };

/** Exit code as a shell has it: a signal counts from 128. */
export function exitCode({ ending }: Pick<MachineExit, "ending">): number {
  return ending.signal ? 128 + (constants.signals[ending.signal] ?? 0) : (ending.code ?? 1);
}

/** What becomes of a machine whose main command ended by itself. */
export function afterExit(config: MachineConfig, exit: MachineExit, restarts: number): Verdict {
  // An empty policy is the vendor's way of writing the default.
  const policy = config.restart?.policy || "on-failure";
  const failed = exitCode(exit) !== 0;
  const wanted = policy === "always" || (policy === "on-failure" && failed);
  const exhausted = policy === "on-failure" && restarts >= (config.restart?.max_retries ?? MAX_RETRIES);
  if (wanted && !exhausted) {
    return { type: "restart", afterMs: Math.min(FIRST_RETRY_MS * 2 ** restarts, LONGEST_RETRY_MS) };
  }
  return config.auto_destroy ? { type: "destroy" } : { type: "rest", exhausted: wanted && exhausted };
}

/** The body of an exit event. */
export function exitRequest(
  exit: MachineExit,
  restarts: number,
  restarting: boolean,
): Record<string, unknown> {
  const signal = exit.ending.signal ? (constants.signals[exit.ending.signal] ?? -1) : -1;
  const code = exitCode(exit);
  return {
    exit_event: {
      exit_code: code,
      exited_at: Date.now(),
      guest_exit_code: code,
      guest_signal: signal,
      oom_killed: exit.oomKilled,
      requested_stop: exit.stopRequested,
      restarting,
      signal,
      ...(exit.ending.error ? { error: exit.ending.error } : {}),
    },
    restart_count: restarts,
  };
}
