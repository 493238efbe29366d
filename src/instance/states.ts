import type { Observation } from "../providers/provider.ts";

/**
 * creating → running ⇄ stopping/starting ⇄ stopped
 *               └⇄ suspending/suspended      any → deleting → deleted      any working state → error
 */
export const STATES = [
  "creating",
  "running",
  "stopping",
  "stopped",
  "starting",
  "suspending",
  "suspended",
  "error",
  "deleting",
  "deleted",
] as const;
export type State = (typeof STATES)[number];

export const TRANSITIONS = {
  creating: ["running", "error", "deleting"],
  // Straight to stopped or suspended: the machine ended by itself, or the vendor put it there.
  running: ["stopping", "suspending", "stopped", "suspended", "error", "deleting"],
  // Straight to starting: the second half of a restart.
  stopping: ["stopped", "starting", "error", "deleting"],
  // To stopping: the machine was found running although nobody started it.
  stopped: ["starting", "stopping", "error", "deleting"],
  starting: ["running", "error", "deleting"],
  // To stopping: the vendor will not suspend this machine, so it is stopped instead. To stopped: it had ended by itself.
  suspending: ["suspended", "stopping", "stopped", "error", "deleting"],
  // Straight to stopped: the vendor lost the snapshot, the next start is a cold one. To suspending: it was found running.
  suspended: ["starting", "stopping", "suspending", "stopped", "error", "deleting"],
  error: ["starting", "stopping", "deleting"],
  // Never to error: it retries until the vendor confirms.
  deleting: ["deleted"],
  deleted: [],
} as const satisfies Record<State, readonly State[]>;

/** How long a state may last before the object gives up on it, in milliseconds; null: for ever. */
export const DEADLINE_MS = {
  creating: 15 * 60_000,
  running: null,
  stopping: 6 * 60_000,
  stopped: null,
  starting: 6 * 60_000,
  suspending: 4 * 60_000,
  suspended: null,
  error: null,
  deleting: null,
  deleted: null,
} as const satisfies Record<State, number | null>;

export function canTransition(from: State, to: State): boolean {
  return (TRANSITIONS[from] as readonly State[]).includes(to);
}

/** On its way to somewhere else. */
export function isTransitional(state: State): boolean {
  return ["creating", "stopping", "starting", "suspending", "deleting"].includes(state);
}

/** What is paid for: `running` is compute and volume, `paused` the volume alone. */
export type Meter = "none" | "paused" | "running";

/** Follows the machine, not our wishes: an error bills as the machine behind it. */
export function meterOf(resources: { observed: Observation | null; hasVolume: boolean }): Meter {
  const machine = resources.observed?.machine;
  // An unknown machine may well be running, so it is counted until the vendor says otherwise.
  if (machine === "started" || machine === "stopping" || machine === "suspending" || machine === "unknown") {
    return "running";
  }
  return resources.hasVolume ? "paused" : "none";
}
