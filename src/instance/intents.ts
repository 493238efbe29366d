import type { Goal } from "./plan.ts";
import type { Desired, View } from "./record.ts";
import type { State } from "./states.ts";

export const INTENTS = ["start", "stop", "restart", "suspend", "resume", "delete"] as const;
export type Intent = (typeof INTENTS)[number];

export type Verdict =
  | { type: "accepted"; to: State; goal: Goal; desired: Desired }
  /** Already there: nothing to do, and no harm in having asked. */
  | { type: "settled" }
  /** Being deleted already. */
  | { type: "joined" }
  | { type: "conflict"; message: string; hint: string };

type Move = Extract<Verdict, { type: "accepted" }>;

const START: Move = { type: "accepted", to: "starting", goal: "start", desired: "running" };
const STOP: Move = { type: "accepted", to: "stopping", goal: "stop", desired: "stopped" };
const RESTART: Move = { type: "accepted", to: "stopping", goal: "stop", desired: "running" };
const SUSPEND: Move = { type: "accepted", to: "suspending", goal: "suspend", desired: "suspended" };
const DELETE: Move = { type: "accepted", to: "deleting", goal: "delete", desired: "deleted" };
const SETTLED: Verdict = { type: "settled" };

/** What each intent means in each resting state; absent: not allowed there. */
const MOVES: Record<Exclude<Intent, "delete">, Partial<Record<State, Verdict>>> = {
  start: { stopped: START, suspended: START, error: START, running: SETTLED },
  stop: { running: STOP, suspended: STOP, error: STOP, stopped: SETTLED },
  restart: { running: RESTART, error: RESTART, stopped: START, suspended: RESTART },
  suspend: { running: SUSPEND, suspended: SETTLED },
  resume: { suspended: START, running: SETTLED },
};

/** May this be done now, and what does it lead to? Of two at once the first wins; the other finds a transitional state. */
export function judge(view: View, intent: Intent): Verdict {
  const { state, record } = view;
  if (intent === "delete") {
    return state === "deleting" || state === "deleted" ? { type: "joined" } : DELETE;
  }
  const move = MOVES[intent][state];
  if (!move) {
    return {
      type: "conflict",
      message: `The instance is ${state}; it cannot ${intent} now.`,
      hint: hintFor(state, intent),
    };
  }
  if (state === "error" && record.refs.machine === undefined) {
    return {
      type: "conflict",
      message: "The instance has no machine: its creation failed and was cleaned up.",
      hint: "Delete it and create it again.",
    };
  }
  return move;
}

function hintFor(state: State, intent: Intent): string {
  switch (state) {
    case "deleting":
    case "deleted":
      return "A deleted instance cannot come back. Create a new one.";
    case "stopped":
      return intent === "resume" || intent === "suspend"
        ? "It is stopped, not suspended: start it first."
        : "Start it first.";
    case "error":
      return "Start or restart it, or read its logs first.";
    default:
      return `Wait until it has left "${state}", then try again. Watch it with: gentity compute watch`;
  }
}
