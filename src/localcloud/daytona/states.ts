/** The vendor's states of a sandbox, and every move there is between them. */
export type SandboxState =
  | "pending_build"
  | "building_snapshot"
  | "pulling_snapshot"
  | "creating"
  | "starting"
  | "started"
  | "stopping"
  | "stopped"
  | "pausing"
  | "paused"
  | "resuming"
  | "archived"
  | "error"
  | "build_failed"
  | "destroying"
  | "destroyed";

export type DesiredState = "destroyed" | "started" | "stopped" | "archived" | "paused";

const TRANSITIONS = {
  pending_build: ["building_snapshot", "creating", "build_failed", "destroying"],
  building_snapshot: ["creating", "build_failed", "destroying"],
  pulling_snapshot: ["creating", "error", "destroying"],
  creating: ["started", "error", "destroying"],
  starting: ["started", "error", "destroying"],
  started: ["stopping", "pausing", "error", "destroying"],
  stopping: ["stopped", "error", "destroying"],
  stopped: ["starting", "archived", "error", "destroying"],
  // Back to "started": the processes could not be frozen.
  pausing: ["paused", "started", "error", "destroying"],
  paused: ["resuming", "stopping", "stopped", "error", "destroying"],
  resuming: ["started", "error", "destroying"],
  archived: ["starting", "error", "destroying"],
  error: ["destroying"],
  build_failed: ["destroying"],
  destroying: ["destroyed"],
  destroyed: [],
} as const satisfies Record<SandboxState, readonly SandboxState[]>;

/** From a state that a fault made up there is no move. */
export function mayMove(from: string, to: SandboxState): boolean {
  const table: Record<string, readonly SandboxState[]> = TRANSITIONS;
  return table[from]?.includes(to) ?? false;
}

const SETTLED: ReadonlySet<string> = new Set([
  "started",
  "stopped",
  "paused",
  "archived",
  "error",
  "build_failed",
  "destroyed",
]);

/** States that a sandbox stays in until somebody does something. In every other one, requests are refused. */
export function isSettled(state: string): boolean {
  return SETTLED.has(state);
}

const WITHOUT_COMPUTE: ReadonlySet<string> = new Set([
  "stopped",
  "paused",
  "archived",
  "error",
  "build_failed",
  "destroyed",
]);

/** Whether it counts against the organization's processors and memory. */
export function usesCompute(state: string): boolean {
  return !WITHOUT_COMPUTE.has(state);
}

/** Whether its disk counts: what failed for good must not block what is to come. */
export function usesDisk(state: string): boolean {
  return !["archived", "build_failed", "destroyed"].includes(state);
}
