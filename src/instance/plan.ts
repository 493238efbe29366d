import type { Step } from "../providers/provider.ts";
import type { InstanceRecord } from "./record.ts";

/**
 * A provider's steps, one that asks the machine itself: `quiet` tells what is at work in it; and one that asks the account's
 * limits: `permit`.
 */
export type PlanStep = Step | "quiet" | "permit";

/** What a job is to reach, and by which steps, in order. Each step is idempotent, so a job may be resumed anywhere. */
export const PLANS = {
  create: ["place", "address", "volume", "machine", "boot", "ready"],
  start: ["configure", "start", "boot", "ready"],
  stop: ["stop"],
  suspend: ["suspend"],
  delete: ["unmachine", "unvolume", "unplace", "gone"],
  // After a create that failed: nothing billed is left behind, while the instance stays as `error` for its owner to read.
  cleanup: ["unmachine", "unvolume", "unplace", "gone"],
  // Takes the last owner's settings out of a machine that is down, without waiting for a start.
  rekey: ["configure"],
  // Does the vendor still agree with us?
  check: ["observe"],
  // Nobody has used it for a while: is anything still at work in it?
  idle: ["quiet"],
  // Its schedule has come: may it be woken?
  rouse: ["permit"],
} as const satisfies Record<string, readonly PlanStep[]>;

export type Goal = keyof typeof PLANS;

/**
 * Where a plan begins. A start gives the machine its recipe only where it lacks it. A new address alone is not worth the
 * memory of a suspended machine, which new settings would cost.
 */
export function firstStep(goal: Goal, { pendingRecipe, observed }: InstanceRecord): number {
  const isDue = pendingRecipe === "key" || (pendingRecipe === "address" && observed?.machine !== "suspended");
  return goal === "start" && !isDue ? PLANS.start.indexOf("start") : 0;
}

/** What a person reads while a step is on its way. */
export const STEP_PROGRESS: Record<PlanStep, string> = {
  place: "making a private network",
  address: "getting an address",
  volume: "making the volume",
  machine: "making the machine",
  configure: "giving the machine its settings",
  boot: "booting the machine",
  ready: "waiting for the agent to answer",
  start: "starting the machine",
  stop: "stopping the machine",
  suspend: "suspending the machine",
  unmachine: "removing the machine",
  unvolume: "removing the volume",
  unplace: "removing the network",
  gone: "checking that nothing is left",
  observe: "looking at the machine",
  quiet: "looking for work in the machine",
  permit: "looking at the account's limits",
};
