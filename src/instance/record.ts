import type { MachineSpec, Observation, ProviderName, Refs } from "../providers/provider.ts";
import type { Activity } from "./activity.ts";
import type { Goal, PlanStep } from "./plan.ts";
import type { Meter, State } from "./states.ts";

/** Where its owner wants an instance to be. */
export type Desired = "running" | "stopped" | "suspended" | "deleted";

export interface Problem {
  code: string;
  message: string;
  hint?: string;
}

/** What is being done at the vendor at the moment. Reports must carry its generation and goal, or they are dropped. */
export interface Job {
  goal: Goal;
  /** Index into the goal's plan; equal to its length when all steps are done. */
  step: number;
  /** Failed tries of the current step. */
  attempts: number;
  startedAt: number;
  /** Not to be tried before. */
  dueAt: number;
  /** A driver has been asked for; asked again when none came by then. */
  calledUntil: number;
  lease: { driver: string; until: number } | null;
  /** What the vendor said last, for people. */
  note: string | null;
  failure: Problem | null;
}

/** Frozen at creation: a new release touches nobody. */
export interface ReleasePin {
  release: string;
  image: string;
}

/** What opens an instance: its address alone, a token of its account, or that or a signed link. */
export const ACCESS_MODES = ["link", "token", "signed"] as const;
export type Access = (typeof ACCESS_MODES)[number];

export interface InstanceRecord {
  id: string;
  accountId: string;
  subdomain: string;
  name: string;
  agentType: string;
  pin: ReleasePin;
  modelProvider: string;
  modelName: string;
  provider: ProviderName;
  region: string;
  spec: MachineSpec;
  exposure: "public" | "private";
  service: { port?: number; healthPath?: string };
  workspaceId: string | null;
  access: Access;
  idleTimeoutSeconds: number | null;
  /** Woken once, then. */
  wakeAt: number | null;
  /** Woken whenever this says, in UTC. */
  wakeCron: string | null;
  /** What `wakeCron` says next. */
  cronAt: number | null;
  labels: Record<string, string>;
  /** The rendered recipe with its secrets, sealed for this instance. Opened only where the machine is made. */
  sealedRecipe: string;
  /** What of the recipe is its owner's, sealed likewise, to render it anew from. Null in records older than this field. */
  sealedInputs: string | null;
  /**
   * What of the sealed recipe the machine does not have yet. `address`: its own new name, given at the next cold start.
   * `key`: another owner's settings, before which it must not run again.
   */
  pendingRecipe: "address" | "key" | null;
  /** Nobody gave a model key since the last owner's was taken out. */
  lacksModelKey: boolean;
  /** The vendor's volume that the first one is forked from. */
  sourceVolume: string | null;
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
  desired: Desired;
  /** The fence: counts every accepted intent. */
  generation: number;
  refs: Refs;
  observed: Observation | null;
  job: Job | null;
  problem: Problem | null;
  lastSuspend: { at: number; outcome: "suspended" | "stopped"; reason?: string } | null;
  /** When the last work on it ended. */
  activeAt: number;
  /** What a look into the machine found at work in it; null: nothing, or nobody looked. */
  foundWork: string | null;
  /** What it was that ended last, for people; null: nothing since it runs. */
  lastWork: string | null;
  /** Next look at the vendor, while running. */
  checkAt: number;
  /** Counts every change, so that an older projection never overwrites a newer one. */
  version: number;
}

/** What records lack that were written before these fields. */
export const RECORD_DEFAULTS = {
  sealedInputs: null,
  pendingRecipe: null,
  lacksModelKey: false,
  sourceVolume: null,
  activeAt: 0,
  foundWork: null,
  lastWork: null,
  wakeCron: null,
  cronAt: null,
} as const satisfies Partial<InstanceRecord>;

/** `[startedAt, endedAt)` in one state at one meter. The open one is the current state: there is no second column. */
export interface Period {
  seq: number;
  /** Who pays for it: whose the instance was at the time. */
  accountId: string;
  state: State;
  meter: Meter;
  spec: MachineSpec;
  startedAt: number;
  endedAt: number | null;
  generation: number;
  reason: string;
  actor: string;
}

export interface View {
  record: InstanceRecord;
  state: State;
  since: number;
  work?: Activity;
}

export function currentStep(job: Job, plans: Record<Goal, readonly PlanStep[]>): PlanStep | undefined {
  return plans[job.goal][job.step];
}
