/** The vendor's states of a machine, and every move there is between them. */
export type MachineState =
  | "created"
  | "creating"
  | "starting"
  | "started"
  | "stopping"
  | "stopped"
  | "restarting"
  | "suspending"
  | "suspended"
  | "updating"
  | "replacing"
  | "launch_failed"
  | "failed"
  | "destroying"
  | "destroyed";

const TRANSITIONS = {
  // "stopped" without ever having run: prepared, and told not to launch.
  created: ["creating", "stopped", "destroying"],
  creating: ["starting", "stopped", "launch_failed", "destroying"],
  starting: ["started", "stopping", "launch_failed", "destroying"],
  started: ["stopping", "stopped", "restarting", "suspending", "replacing", "destroying"],
  stopping: ["stopped", "destroying"],
  stopped: ["starting", "restarting", "replacing", "destroying"],
  // "replacing" waits out no back-off.
  restarting: ["starting", "stopping", "replacing", "destroying"],
  // Back to "started": the tree could not be frozen.
  suspending: ["suspended", "started", "destroying"],
  suspended: ["starting", "stopping", "restarting", "replacing", "destroying"],
  updating: ["started", "destroying"],
  replacing: ["creating", "stopped", "launch_failed", "destroying"],
  launch_failed: ["failed", "destroying"],
  failed: ["starting", "restarting", "replacing", "destroying"],
  destroying: ["destroyed"],
  destroyed: [],
} as const satisfies Record<MachineState, readonly MachineState[]>;

/** From a state that a fault made up there is no move. */
export function mayMove(from: string, to: MachineState): boolean {
  const table: Record<string, readonly MachineState[]> = TRANSITIONS;
  return table[from]?.includes(to) ?? false;
}

const SETTLED: ReadonlySet<string> = new Set([
  "created",
  "started",
  "stopped",
  "suspended",
  "failed",
  "destroyed",
]);

/** States that a machine stays in until somebody does something. */
export function isSettled(state: string): boolean {
  return SETTLED.has(state);
}

const MAY_START: ReadonlySet<string> = new Set(["stopped", "suspended", "failed"]);

export function mayStart(state: string): boolean {
  return MAY_START.has(state);
}

const AT_REST: ReadonlySet<string> = new Set(["created", "stopped", "suspended", "failed", "destroyed"]);

/** Whether a machine can be deleted without force. */
export function isAtRest(state: string): boolean {
  return AT_REST.has(state);
}
