import { backoffMs } from "../backoff.ts";
import type { Observation, Outcome, Refs, StepValue } from "../providers/provider.ts";
import { CHECK_EVERY_MS } from "./decide.ts";
import { type Goal, PLANS, type PlanStep } from "./plan.ts";
import type { InstanceRecord, Job } from "./record.ts";

/** Which job a report belongs to. Anything older than the record's generation, or of another goal, is dropped. */
export interface Fence {
  generation: number;
  goal: Goal;
}

export function isCurrent(record: InstanceRecord, fence: Fence): boolean {
  return record.generation === fence.generation && record.job?.goal === fence.goal;
}

/** What came of a step; `busy`: what is at work in the machine, where that was asked. */
export type StepReport = StepValue & { busy?: string };

/** What a step's outcome makes of the record. Pure; the caller has checked the fence. */
export function applyOutcome(
  record: InstanceRecord,
  report: { step: PlanStep; outcome: Outcome<StepReport> },
  now: number,
): InstanceRecord {
  const { job } = record;
  if (!job || PLANS[job.goal][job.step] !== report.step) {
    return record;
  }
  const { outcome } = report;
  switch (outcome.type) {
    case "ok":
      return {
        ...record,
        pendingRecipe: report.step === "configure" ? null : record.pendingRecipe,
        refs: nextRefs(record.refs, report.step, outcome.value.refs),
        foundWork: report.step === "quiet" ? (outcome.value.busy ?? null) : record.foundWork,
        observed: outcome.value.observed ?? assumedAfter(report.step) ?? record.observed,
        checkAt: now + CHECK_EVERY_MS,
        job: { ...job, step: job.step + 1, attempts: 0, dueAt: now, note: null },
      };
    case "pending":
      return { ...record, job: { ...job, dueAt: now + outcome.afterMs, note: outcome.note } };
    case "retry":
      return { ...record, job: laterJob(job, outcome.afterMs, outcome.cause, now) };
    case "unknown":
      return { ...record, job: laterJob(job, 0, outcome.cause, now) };
    case "rejected":
      return {
        ...record,
        job: {
          ...job,
          note: outcome.message,
          failure: { code: outcome.code, message: outcome.message, hint: outcome.hint },
        },
      };
    default:
      return outcome satisfies never;
  }
}

function laterJob(job: Job, afterMs: number, note: string, now: number): Job {
  const attempts = job.attempts + 1;
  return { ...job, attempts, note, dueAt: now + Math.max(afterMs, backoffMs(attempts)) };
}

/** A vendor id is learnt when its step succeeds and forgotten when its removal is confirmed, never in between. */
function nextRefs(refs: Refs, step: PlanStep, learnt: Refs | undefined): Refs {
  const merged = { ...refs, ...learnt };
  switch (step) {
    case "unmachine":
      return { ...merged, machine: undefined };
    case "unvolume":
      return { ...merged, volume: undefined };
    case "unplace":
      return { ...merged, place: undefined };
    default:
      return merged;
  }
}

function assumedAfter(step: PlanStep): Observation | undefined {
  return step === "unmachine" || step === "gone"
    ? { machine: "absent", vendorState: "destroyed" }
    : undefined;
}

/** Why the meter changed within a state, for people. */
export function reasonOf(step: PlanStep, observed: Observation | null): string {
  switch (step) {
    case "volume":
      return "the volume was made";
    case "unvolume":
      return "the volume is gone";
    default:
      return `the machine is ${observed?.vendorState ?? "gone"}`;
  }
}
