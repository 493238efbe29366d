import { sleepDue } from "./activity.ts";
import type { Goal } from "./plan.ts";
import { PLANS } from "./plan.ts";
import type { Desired, Job, Problem, View } from "./record.ts";
import { wakeDue } from "./schedule.ts";
import { DEADLINE_MS, isTransitional, type State } from "./states.ts";

/** What the object is to do next. It performs these in order and asks again until nothing but waiting is left. */
export type Action =
  | { type: "transition"; to: State; reason: string; problem: Problem | null; desired?: Desired }
  | { type: "begin"; goal: Goal }
  /** The job is over, and there is no next one. */
  | { type: "finish" }
  /** Forget why the job failed and try it again later; for what must be finished whatever it takes. */
  | { type: "persist"; afterMs: number }
  | { type: "fallback"; reason: string }
  /** Suspend it by ourselves. */
  | { type: "doze"; reason: string }
  /** Its schedule has come: wake it. */
  | { type: "rouse"; reason: string }
  /** What of its schedule was due is over; `missed`: it was not woken, and why. */
  | { type: "pass"; missed?: string }
  /** Ask the queue for a driver, at `at` or later. */
  | { type: "call"; at: number }
  | { type: "wait"; until: number };

/** A called driver has this long to show up before another is called: queues may lose, and processes may die. */
export const CALL_PATIENCE_MS = 60_000;
/** How often a running machine is looked at. */
export const CHECK_EVERY_MS = 5 * 60_000;
/** Deletes and clean-ups never give up; after a refusal they try again this much later. */
const PERSIST_MS = 60_000;
/** Who cannot be looked into is not put to sleep; the next look is a timeout later, and checks come in between. */
const LOOK_TRIES = 3;

/** Pure: what a view asks for at this moment. The whole life of an instance is decided here. */
export function decide(view: View, now: number): Action[] {
  const { job } = view.record;
  if (!job) {
    return decideAtRest(view, now);
  }
  if (job.failure) {
    return decideAfterFailure(job, job.failure);
  }
  if (job.step >= PLANS[job.goal].length) {
    return decideAfterSuccess(view, job, now);
  }
  if (job.goal === "idle" && job.attempts >= LOOK_TRIES) {
    return [{ type: "finish" }];
  }
  const deadlineMs = DEADLINE_MS[view.state];
  const deadline = deadlineMs === null ? null : Math.max(view.since, job.startedAt) + deadlineMs;
  if (deadline !== null && now >= deadline) {
    return decideAfterFailure(job, timeoutProblem(view.state, job));
  }
  return [
    ...decideDriver(job, now),
    ...(deadline === null ? [] : [{ type: "wait", until: deadline } as const]),
  ];
}

function decideDriver(job: Job, now: number): Action[] {
  if (job.lease && job.lease.until > now) {
    return [{ type: "wait", until: job.lease.until }];
  }
  if (job.calledUntil > now) {
    return [{ type: "wait", until: job.calledUntil }];
  }
  return [{ type: "call", at: Math.max(job.dueAt, now) }];
}

function decideAfterSuccess(view: View, job: Job, now: number): Action[] {
  switch (job.goal) {
    case "create":
    case "start":
      return [
        { type: "finish" },
        { type: "transition", to: "running", reason: "the machine runs", problem: null },
      ];
    case "stop":
      return view.record.desired === "running"
        ? [
            { type: "transition", to: "starting", reason: "restart", problem: null },
            { type: "begin", goal: "start" },
          ]
        : [
            { type: "finish" },
            { type: "transition", to: "stopped", reason: "the vendor confirmed the stop", problem: null },
          ];
    case "suspend":
      return [{ type: "finish" }, afterSuspend(view)];
    case "delete":
      return [
        { type: "finish" },
        {
          type: "transition",
          to: "deleted",
          reason: "the vendor confirmed that nothing is left",
          problem: null,
        },
      ];
    case "cleanup":
    case "rekey":
    case "check":
      return [{ type: "finish" }];
    case "idle":
      return decideAfterLook(view, now);
    case "rouse":
      return [{ type: "finish" }, { type: "rouse", reason: "its schedule" }];
    default:
      return job.goal satisfies never;
  }
}

/** Whoever began to use it during the look has taken a lease, which counts as much as what the look found. */
function decideAfterLook(view: View, now: number): Action[] {
  const due = sleepDue(view);
  return due === undefined || now < due || view.record.foundWork !== null
    ? [{ type: "finish" }]
    : [{ type: "doze", reason: `nothing was at work for ${view.record.idleTimeoutSeconds} s` }];
}

/** A machine may have ended by itself before it could be suspended; then its memory is gone, and we say so. */
function afterSuspend(view: View): Action {
  return view.record.observed?.machine === "stopped"
    ? {
        type: "transition",
        to: "stopped",
        reason: "the machine had stopped already",
        problem: null,
        desired: "stopped",
      }
    : { type: "transition", to: "suspended", reason: "the vendor confirmed the suspend", problem: null };
}

function decideAfterFailure(job: Job, problem: Problem): Action[] {
  switch (job.goal) {
    case "create":
      return [
        { type: "transition", to: "error", reason: problem.message, problem },
        { type: "begin", goal: "cleanup" },
      ];
    case "start":
    case "stop":
      return [{ type: "finish" }, { type: "transition", to: "error", reason: problem.message, problem }];
    case "suspend":
      return problem.code === "unsupported"
        ? [
            { type: "fallback", reason: problem.message },
            {
              type: "transition",
              to: "stopping",
              reason: `cannot suspend: ${problem.message}`,
              problem: null,
              desired: "stopped",
            },
            { type: "begin", goal: "stop" },
          ]
        : [{ type: "finish" }, { type: "transition", to: "error", reason: problem.message, problem }];
    case "delete":
    case "cleanup":
    case "rekey":
      return [{ type: "persist", afterMs: PERSIST_MS }];
    case "check":
    case "idle":
      return [{ type: "finish" }];
    case "rouse":
      return [{ type: "finish" }, { type: "pass", missed: problem.message }];
    default:
      return job.goal satisfies never;
  }
}

/** Nothing is being done: does the vendor agree with us, and when do we look again? */
function decideAtRest(view: View, now: number): Action[] {
  const { record, state } = view;
  if (record.pendingRecipe === "key" && record.refs.machine && (state === "stopped" || state === "error")) {
    return [{ type: "begin", goal: "rekey" }];
  }
  const actions = decideByState(view, now);
  return actions.some(({ type }) => type !== "wait") ? actions : [...actions, ...decideSchedule(view, now)];
}

function decideByState(view: View, now: number): Action[] {
  switch (view.state) {
    case "running":
      return decideRunning(view, now);
    case "stopped":
    case "suspended":
      return decideDown(view, view.state);
    default:
      return [];
  }
}

/** A schedule wakes from a suspend. Who runs is kept awake by it; who was stopped stays so, since somebody wanted that. */
function decideSchedule({ record, state }: View, now: number): Action[] {
  const due = wakeDue(record);
  if (due === undefined || isTransitional(state) || state === "deleted") {
    return [];
  }
  if (now < due) {
    return [{ type: "wait", until: due }];
  }
  switch (state) {
    case "suspended":
      return [{ type: "begin", goal: "rouse" }];
    case "running":
      return [{ type: "pass" }];
    default:
      return [{ type: "pass", missed: `the instance was ${state}` }];
  }
}

/** Nobody looks at a machine that is down, until its vendor's list says that it is not. */
function decideDown({ record }: View, state: "stopped" | "suspended"): Action[] {
  switch (record.observed?.machine) {
    case "started":
    case "starting": {
      const reason = "the machine was found running, and nobody here had started it";
      const [to, goal] =
        state === "stopped" ? (["stopping", "stop"] as const) : (["suspending", "suspend"] as const);
      return [
        { type: "transition", to, reason, problem: null },
        { type: "begin", goal },
      ];
    }
    case "stopped":
      return state === "stopped"
        ? []
        : [
            {
              type: "transition",
              to: "stopped",
              reason: "the vendor no longer has the memory of the suspended machine",
              problem: null,
              desired: "stopped",
            },
          ];
    case "absent":
      return record.refs.machine === undefined ? [] : [vanished("")];
    default:
      return [];
  }
}

function decideRunning(view: View, now: number): Action[] {
  const { record } = view;
  const machine = record.observed?.machine;
  const vendorState = record.observed?.vendorState ?? "nothing";
  const note = record.observed?.note ? ` (${record.observed.note})` : "";
  switch (machine) {
    case "started":
      return decideStarted(view, now);
    case "stopped":
      return [
        {
          type: "transition",
          to: "stopped",
          reason: `the machine stopped by itself${note}`,
          problem: null,
          desired: "stopped",
        },
      ];
    case "suspended":
      return [
        {
          type: "transition",
          to: "suspended",
          reason: "the vendor suspended the machine",
          problem: null,
          desired: "suspended",
        },
      ];
    case "starting":
    case "stopping":
    case "suspending":
      // On its way by somebody else's hand: look again shortly.
      return now >= record.checkAt
        ? [{ type: "begin", goal: "check" }]
        : [{ type: "wait", until: record.checkAt }];
    case "absent":
      return [vanished(note)];
    case "failed":
      return [
        errorAtRest(
          "machine_failed",
          `The machine failed: ${vendorState}${note}.`,
          "Read its logs, then restart it.",
        ),
      ];
    default:
      return [
        errorAtRest(
          "unknown_machine_state",
          `The vendor reports a state we do not know: "${vendorState}".`,
          "The machine may still be billed. Restart the instance, or delete it.",
        ),
      ];
  }
}

function vanished(note: string): Action {
  return errorAtRest(
    "vanished",
    `The machine is gone at the vendor${note}.`,
    "Delete the instance and create it again.",
  );
}

function decideStarted(view: View, now: number): Action[] {
  const { checkAt } = view.record;
  if (now >= checkAt) {
    return [{ type: "begin", goal: "check" }];
  }
  const due = sleepDue(view);
  if (due !== undefined && now >= due) {
    return [{ type: "begin", goal: "idle" }];
  }
  return [{ type: "wait", until: Math.min(checkAt, due ?? checkAt) }];
}

function errorAtRest(code: string, message: string, hint: string): Action {
  return { type: "transition", to: "error", reason: message, problem: { code, message, hint } };
}

function timeoutProblem(state: State, job: Job): Problem {
  const last = job.note ? ` Last word from the vendor: ${job.note}` : "";
  return {
    code: "deadline",
    message: `Gave up after ${Math.round((DEADLINE_MS[state] ?? 0) / 60_000)} minutes in "${state}".${last}`,
    hint: "Read the instance's logs, then try again.",
  };
}
