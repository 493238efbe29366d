import type { InstanceNow } from "../../instance/projection.ts";
import { canBeSuspended } from "../../services/instances/sleep.ts";

export const LIFECYCLE = ["start", "stop", "restart", "suspend", "resume"] as const;
export type Lifecycle = (typeof LIFECYCLE)[number];

/** What each does, for whoever is about to do it. */
export const EXPLAINED: Readonly<Record<Lifecycle, string>> = {
  start: "Start boots the machine with the volume it had.",
  stop: "Stop switches the machine off: the volume and the address stay, memory does not.",
  restart: "Restart stops it and starts it again, on the same release.",
  suspend: "Suspend freezes it with its memory, at no cost but the volume; the next use wakes it.",
  resume: "Resume goes on where it was.",
};

const BY_STATE: Readonly<Record<string, readonly Lifecycle[]>> = {
  running: ["stop", "restart", "suspend"],
  stopped: ["start"],
  suspended: ["resume", "stop"],
  error: ["start", "restart", "stop"],
};

type Judged = Pick<InstanceNow, "state" | "provider" | "machine" | "exposure" | "spec">;

/** What can be done with it now. What is not among these is refused as well, with a sentence. */
export function offeredActions(now: Judged): Lifecycle[] {
  const { state, machine } = now;
  // One that failed before it had a machine has nothing to start.
  if (state === "error" && machine === null) {
    return [];
  }
  // Where machines cannot be frozen it would be stopped instead.
  return (BY_STATE[state] ?? []).filter((action) => action !== "suspend" || canBeSuspended(now));
}

export function isGone({ state }: Pick<InstanceNow, "state">): boolean {
  return state === "deleting" || state === "deleted";
}

/** On its way somewhere else: it neither moves nor changes hands meanwhile. */
export function isOnItsWay({ state }: Pick<InstanceNow, "state">): boolean {
  return ["creating", "starting", "stopping", "suspending", "deleting"].includes(state);
}
