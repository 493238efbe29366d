import type { instances } from "../db/schema.ts";
import { type Activity, awakeOf } from "./activity.ts";
import { PLANS, type PlanStep, STEP_PROGRESS } from "./plan.ts";
import type { InstanceRecord, Job, View } from "./record.ts";
import type { State } from "./states.ts";

export type InstanceRow = typeof instances.$inferSelect;

/** The row that lists and the edge read: everything that is shown of an instance, and no secret. */
export function projectInstance({ record, state, since }: View): InstanceRow {
  return {
    id: record.id,
    accountId: record.accountId,
    subdomain: record.subdomain,
    name: record.name,
    agentType: record.agentType,
    release: record.pin.release,
    image: record.pin.image,
    modelProvider: record.modelProvider,
    modelName: record.modelName,
    provider: record.provider,
    region: record.region,
    spec: record.spec,
    exposure: record.exposure,
    workspaceId: record.workspaceId,
    access: record.access,
    idleTimeoutSeconds: record.idleTimeoutSeconds,
    wakeAt: record.wakeAt,
    wakeCron: record.wakeCron,
    labels: record.labels,
    state,
    stateSince: since,
    problem: record.problem,
    progress: progressOf(record.job),
    lastSuspend: record.lastSuspend,
    notices: noticesOf(record, state),
    place: record.refs.place ?? null,
    machine: record.refs.machine ?? null,
    generation: record.generation,
    version: record.version,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    deletedAt: record.deletedAt,
  };
}

/** The row and what only the object knows, as of now. */
export type InstanceNow = InstanceRow & {
  awake: Activity | null;
  /** What `progress` tells of in words. */
  step: PlanStep | null;
};

export function projectNow(view: View, now: number): InstanceNow {
  return {
    ...projectInstance(view),
    awake: awakeOf(view, now),
    step: shownStep(view.record.job) ?? null,
  };
}

/** Differs wherever somebody who looks on would see a difference; that something goes on for longer is none. */
export function markOf(now: InstanceNow): string {
  const { accountId, name, subdomain, access, state, stateSince, problem, progress, wakeAt, awake } = now;
  const reason = awake?.reason ?? null;
  return JSON.stringify([
    accountId,
    name,
    subdomain,
    access,
    state,
    stateSince,
    problem,
    progress,
    wakeAt,
    reason,
  ]);
}

/** What its owner should know although nothing failed. */
function noticesOf(
  { pendingRecipe, lacksModelKey, subdomain, provider }: InstanceRecord,
  state: State,
): InstanceRow["notices"] {
  const notices: InstanceRow["notices"] = [];
  if (provider === "hetzner" && state === "stopped") {
    notices.push({
      code: "billed_while_off",
      message: "Hetzner bills a server that is switched off in full, until it is deleted.",
      hint: `What is not needed any more: gentity compute delete ${subdomain}`,
    });
  }
  if (pendingRecipe === "key") {
    notices.push({
      code: "key_removal_pending",
      message:
        "The last owner's model key is not confirmed to be out of the machine; until it is, it does not start.",
      hint: "Nothing to do: it is tried until the vendor confirms.",
    });
  }
  if (pendingRecipe === "address") {
    notices.push({
      code: "address_pending",
      message: "The agent still knows itself by its old address.",
      hint: `Restart it, where that matters, with: gentity compute restart ${subdomain}`,
    });
  }
  if (lacksModelKey) {
    notices.push({
      code: "model_key_missing",
      message: "The instance has no model key, so its agent cannot use the model.",
      hint: `Make one that has: gentity compute clone ${subdomain} --copy-data --api-key <key>`,
    });
  }
  return notices;
}

/** What is being done, and what the vendor said to it. Looks are routine and not shown. */
function progressOf(job: Job | null): string | null {
  const step = shownStep(job);
  if (!job || !step) {
    return null;
  }
  const tries = job.attempts > 1 ? ` (try ${job.attempts + 1})` : "";
  return `${STEP_PROGRESS[step]}${tries}${job.note ? `: ${job.note}` : ""}`;
}

function shownStep(job: Job | null): PlanStep | undefined {
  return job && job.goal !== "check" && job.goal !== "idle" && job.goal !== "rouse"
    ? PLANS[job.goal][job.step]
    : undefined;
}
