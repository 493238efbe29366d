/** What every step works with, and how it finds what it works on. */
import type { Observation, Outcome, Refs, StepOptions, StepValue, Target } from "../../provider.ts";
import type { DaytonaApi } from "../api.ts";
import type { Failed } from "../classify.ts";
import { LABELS, sandboxName } from "../names.ts";
import type { DaytonaSandbox } from "../schema.ts";
import { machineState, observe } from "../states.ts";

export interface StepContext {
  api: DaytonaApi;
  target: Target;
  options: StepOptions;
  prefix: string | undefined;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export type StepOutcome = Outcome<StepValue>;
export type StepRun = (ctx: StepContext) => Promise<StepOutcome>;

export type Found =
  | { type: "found"; sandbox: DaytonaSandbox }
  | { type: "absent" }
  /** Somebody else's has our name. */
  | { type: "foreign"; id: string }
  | { type: "failed"; outcome: Failed };

/** The known sandbox, else one of our name: an id can get lost, a name cannot. */
export async function findSandbox(ctx: StepContext): Promise<Found> {
  const { machine } = ctx.target.refs;
  if (machine !== undefined) {
    const known = await lookUp(ctx, machine);
    if (known.type !== "absent") return known;
  }
  return lookUp(ctx, sandboxName(ctx.target.instanceId, ctx.prefix));
}

async function lookUp({ api, target }: StepContext, idOrName: string): Promise<Found> {
  const answer = await api.get(idOrName);
  if (!answer.ok) {
    const { kind, outcome } = answer.failure;
    return kind === "absent" ? { type: "absent" } : { type: "failed", outcome };
  }
  const sandbox = answer.value;
  // One that was destroyed may be shown for a day.
  if (machineState(sandbox.state) === "absent") return { type: "absent" };
  return sandbox.labels[LABELS.instance] === target.instanceId
    ? { type: "found", sandbox }
    : { type: "foreign", id: sandbox.id };
}

export function done(value: { refs?: Refs; observed?: Observation } = {}): StepOutcome {
  return { type: "ok", value };
}

export function pending(afterMs: number, note: string): StepOutcome {
  return { type: "pending", afterMs, note };
}

export function missing(message: string): StepOutcome {
  const hint = "Nothing was created in its place. Delete the instance.";
  return { type: "rejected", code: "missing", message, hint };
}

/** Ok with what the sandbox is now; its id goes along, since it may have been found by name. */
export function seen(sandbox: DaytonaSandbox, note?: string): StepOutcome {
  return done({ refs: { machine: sandbox.id }, observed: observe(sandbox, note) });
}

/** For steps that need a sandbox: how to answer when there is none. */
export function withoutSandbox(ctx: StepContext, found: Exclude<Found, { type: "found" }>): StepOutcome {
  if (found.type === "failed") return found.outcome;
  const name = sandboxName(ctx.target.instanceId, ctx.prefix);
  if (found.type === "foreign") {
    const message = `The sandbox ${found.id} has the name ${name} and not our label`;
    return { type: "rejected", code: "name_taken", message };
  }
  return missing(`The sandbox ${ctx.target.refs.machine ?? name} is gone`);
}

/** Asks until there is an answer or the hold is over. `look` returns undefined for "not yet". */
export async function hold(
  ctx: StepContext,
  look: () => Promise<StepOutcome | undefined>,
): Promise<StepOutcome | undefined> {
  const until = ctx.now() + ctx.options.holdMs;
  let pause = PAUSE_MS.first;
  for (;;) {
    const outcome = await look();
    if (outcome !== undefined) return outcome;
    const remaining = until - ctx.now();
    if (remaining <= 0) return undefined;
    await ctx.sleep(Math.min(pause, remaining));
    pause = Math.min(pause * 2, PAUSE_MS.most);
  }
}

const PAUSE_MS = { first: 50, most: 1_000 };
