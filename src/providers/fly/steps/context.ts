/** What every step works with, and how it finds what it works on. */
import type { Observation, Outcome, Refs, StepOptions, StepValue, Target } from "../../provider.ts";
import type { FlyApi } from "../api.ts";
import type { Failed, Failure } from "../classify.ts";
import type { Names } from "../names.ts";
import type { FlyMachine } from "../schema.ts";
import { METADATA } from "../spec.ts";
import { machineState, observe } from "../states.ts";

export interface StepContext {
  api: FlyApi;
  orgSlug: string;
  names: Names;
  target: Target;
  options: StepOptions;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** GET of a path of the machine's page through Fly's proxy: its status, or why there was none. */
  probe: (machineId: string, path: string, timeoutMs: number) => Promise<number | string>;
}

export type StepOutcome = Outcome<StepValue>;
export type StepRun = (ctx: StepContext) => Promise<StepOutcome>;

export type Found =
  | { type: "found"; machine: FlyMachine }
  /** The app answers and has no such machine. */
  | { type: "absent" }
  /** There is no app: its 404 says nothing of the machine by itself. */
  | { type: "no-place" }
  | { type: "failed"; outcome: Failed };

/**
 * The known machine, else one of our name: an id can get lost, a name cannot. Absence is believed from the app's own list
 * only, because the 404 of a machine's path is also what a missing app answers.
 */
export async function findMachine(ctx: StepContext): Promise<Found> {
  const { api, names, target } = ctx;
  if (target.refs.machine !== undefined) {
    const known = await api.getMachine(names.app, target.refs.machine);
    if (known.ok && machineState(known.value.state) !== "absent") return own(ctx, known.value);
    if (!known.ok && known.failure.kind !== "absent")
      return { type: "failed", outcome: known.failure.outcome };
  }
  const list = await api.listMachines(names.app);
  if (!list.ok) return list.failure.kind === "absent" ? { type: "no-place" } : failedWith(list.failure);
  const named = list.value.find(
    (machine) => machine.name === names.machine && machineState(machine.state) !== "absent",
  );
  return named === undefined ? { type: "absent" } : own(ctx, named);
}

/** Ours carries our tag. Without any metadata in sight (its host is away) the name inside our own app has to do. */
export function own(ctx: StepContext, machine: FlyMachine): Found {
  const metadata = machine.config?.metadata ?? machine.incomplete_config?.metadata;
  const isHidden = machine.config === undefined || machine.config === null;
  if (metadata?.[METADATA.instance] === ctx.target.instanceId || (isHidden && !metadata)) {
    return { type: "found", machine };
  }
  const message = `The machine ${machine.id} in ${ctx.names.app} has our name and not our tag`;
  return { type: "failed", outcome: { type: "rejected", code: "name_taken", message } };
}

function failedWith(failure: Failure): Found {
  return { type: "failed", outcome: failure.outcome };
}

export function done(value: { refs?: Refs; observed?: Observation } = {}): StepOutcome {
  return { type: "ok", value };
}

export function pending(afterMs: number, note: string): StepOutcome {
  return { type: "pending", afterMs, note };
}

export function missing(message: string): StepOutcome {
  const hint = "Nothing was created in its place. Delete the instance, or restore the resource at Fly.";
  return { type: "rejected", code: "missing", message, hint };
}

/** Ok with what the machine is now; its id goes along, since it may have been found by name. */
export function seen(machine: FlyMachine): StepOutcome {
  return done({ refs: { machine: machine.id }, observed: observe(machine) });
}

/** For steps that need a machine: how to answer when there is none. */
export function withoutMachine(ctx: StepContext, found: Exclude<Found, { type: "found" }>): StepOutcome {
  if (found.type === "failed") return found.outcome;
  const what = ctx.target.refs.machine ?? ctx.names.machine;
  return missing(
    found.type === "absent" ? `The machine ${what} is gone` : `The app ${ctx.names.app} is gone`,
  );
}

/** Asks until there is an answer or the hold is over. `look` returns undefined for "not yet". */
export async function hold(
  ctx: StepContext,
  pauseMs: { first: number; most: number },
  look: (remainingMs: number) => Promise<StepOutcome | undefined>,
): Promise<StepOutcome | undefined> {
  const until = ctx.now() + ctx.options.holdMs;
  let pause = pauseMs.first;
  for (;;) {
    const outcome = await look(Math.max(0, until - ctx.now()));
    if (outcome !== undefined) return outcome;
    const remaining = until - ctx.now();
    if (remaining <= 0) return undefined;
    await ctx.sleep(Math.min(pause, remaining));
    pause = Math.min(pause * 2, pauseMs.most);
  }
}
