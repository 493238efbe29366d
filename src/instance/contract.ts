import type { Head } from "../audit/chain.ts";
import type { ProviderName, Target } from "../providers/provider.ts";
import type { Activity } from "./activity.ts";
import type { Cause } from "./engine.ts";
import type { Verdict } from "./intents.ts";
import type { Goal, PlanStep } from "./plan.ts";
import { type InstanceNow, type InstanceRow, projectInstance } from "./projection.ts";
import { type InstanceRecord, type Period, type Problem, RECORD_DEFAULTS, type View } from "./record.ts";
import type { Fence } from "./report.ts";
import type { State } from "./states.ts";
import type { Transfer } from "./transfer.ts";

/** What crosses the object's RPC boundary. Expected failures are data here, never throws. */

/** What a record begins with, and who asked for it. */
export type CreateCommand = Pick<
  InstanceRecord,
  | "id"
  | "accountId"
  | "subdomain"
  | "name"
  | "agentType"
  | "pin"
  | "modelProvider"
  | "modelName"
  | "provider"
  | "region"
  | "spec"
  | "exposure"
  | "service"
  | "workspaceId"
  | "labels"
  | "sealedRecipe"
  | "createdAt"
> &
  Partial<Pick<InstanceRecord, "sealedInputs" | "sourceVolume" | "idleTimeoutSeconds" | "access">> & {
    cause: Cause;
  };

export type PatchCommand = Partial<
  Pick<InstanceRecord, "name" | "labels" | "access" | "idleTimeoutSeconds" | "wakeAt" | "wakeCron">
>;

/** Something done on the machine, or by it, that changed no state of ours. */
export interface Use {
  action: "instance.exec" | "instance.terminal" | "instance.link" | "host.enrol" | "host.enrol_refused";
  cause: Cause;
  detail: Record<string, unknown>;
}

/** What an instance is rendered from, as it is now. */
export interface Basis {
  row: InstanceRow;
  sealedInputs: string | null;
  /** The vendor's, to fork it. */
  volume: string | null;
}

/** What its owner looks at when they look at nothing else. */
export interface Details {
  now: InstanceNow;
  sealedInputs: string | null;
  /** It is kept awake, until then at least. */
  hold: Activity | null;
  /** It is on offer to somebody. */
  offer: Transfer | null;
}

/** What the host program on an instance's server is to do, still sealed. */
export interface HostBrief {
  instanceId: string;
  generation: number;
  desired: "running" | "stopped";
  sealedRecipe: string;
  tunnel: string | null;
  memoryMb: number;
}

export interface RotateCommand {
  /** The name that the command was made for; with another one it is not carried out. */
  from: string;
  subdomain: string;
  /** Absent: the recipe does not depend on the name. */
  recipe?: { sealedRecipe: string; sealedInputs: string };
}
/** Whose the instance is, and so its last event; `isDelivered`: the records have all of the chain. */
export type AuditHead = Head & { accountId: string; isDelivered: boolean };

export type HoldVerdict =
  | { type: "accepted"; now: InstanceNow }
  | { type: "conflict"; state: State; message: string; hint: string };

/** An instance as somebody sees it who looks on, and what that is told from the next by. */
export interface Sight {
  now: InstanceNow;
  mark: string;
}

export interface IntentResult {
  /** `unknown`: there is no instance of this id, or it is not (any more) whose command it is. */
  verdict: Verdict | { type: "unknown" };
  generation: number;
}

export type Directive =
  /** Nothing to do, or nothing any more. */
  | { type: "idle" }
  /** Another driver is at it. */
  | { type: "busy" }
  | { type: "later"; afterMs: number }
  | {
      type: "step";
      fence: Fence;
      step: PlanStep;
      provider: ProviderName;
      target: Target;
      service: { port?: number; healthPath?: string };
      /** With the steps that give it to the machine. */
      sealedRecipe: string | undefined;
    };

export type PeriodChange = Period & { problem: Problem | null };

export function basisOf({ record, ...view }: View): Basis {
  const { sealedInputs, refs } = record;
  return { row: projectInstance({ record, ...view }), sealedInputs, volume: refs.volume ?? null };
}

/** Jobs during which the agent is not to run, or not to run again. */
const RESTING: ReadonlySet<Goal> = new Set(["stop", "suspend", "delete", "cleanup", "rekey"]);

/** Undefined when nothing is to run for it on any server, now or later. */
export function briefOf({ record, state }: View): HostBrief | undefined {
  const { id, provider, job, desired, generation, sealedRecipe, refs, spec } = record;
  if (provider !== "hetzner" || state === "deleted") {
    return undefined;
  }
  const rests = desired !== "running" || (job !== null && RESTING.has(job.goal));
  return {
    instanceId: id,
    generation,
    desired: rests ? "stopped" : "running",
    sealedRecipe,
    tunnel: refs.tunnel ?? null,
    memoryMb: spec.memoryMb,
  };
}

export function bornRecord(command: CreateCommand, now: number): InstanceRecord {
  const { cause: _, ...fields } = command;
  return {
    ...RECORD_DEFAULTS,
    ...fields,
    sealedInputs: command.sealedInputs ?? null,
    sourceVolume: command.sourceVolume ?? null,
    access: command.access ?? "link",
    idleTimeoutSeconds: command.idleTimeoutSeconds ?? null,
    wakeAt: null,
    wakeCron: null,
    cronAt: null,
    updatedAt: now,
    deletedAt: null,
    desired: "running",
    generation: 1,
    refs: {},
    observed: null,
    job: null,
    problem: null,
    lastSuspend: null,
    activeAt: now,
    foundWork: null,
    lastWork: null,
    checkAt: now,
    version: 1,
  };
}
