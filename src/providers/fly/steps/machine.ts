/** The machine itself: made on a confirmed absence, removed on a confirmed one. */
import type { Failure } from "../classify.ts";
import { findRecipeProblem, machineBody, secretsOf } from "../spec.ts";
import { ABSENT, machineState } from "../states.ts";
import {
  done,
  findMachine,
  hold,
  missing,
  own,
  pending,
  type StepContext,
  type StepOutcome,
  seen,
  withoutMachine,
} from "./context.ts";
import { findForkUnfinished, findVolumeProblem } from "./volume.ts";

export async function machine(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target, options } = ctx;
  const { recipe } = options;
  if (recipe === undefined) throw new Error("the step machine needs a recipe");
  const problem = findRecipeProblem(recipe);
  if (problem !== undefined) return { type: "rejected", code: "invalid_spec", message: problem };
  const found = await findMachine(ctx);
  if (found.type === "found") return seen(found.machine);
  if (found.type !== "absent") return withoutMachine(ctx, found);
  if (target.spec.volumeGb > 0 && target.refs.volume === undefined) {
    return missing("The volume of this machine is not known, and a machine without it would start empty");
  }
  const lost = await findVolumeProblem(ctx);
  if (lost !== undefined) return lost;
  const unfinished = await findForkUnfinished(ctx);
  if (unfinished !== undefined) return unfinished;
  const created = await api.createMachine(names.app, machineBody(target, names, recipe), secretsOf(recipe));
  if (created.ok) return seen(created.value);
  return created.failure.kind === "exists" ? adoptNamed(ctx, created.failure) : created.failure.outcome;
}

/** Our name is taken although we saw nobody: an earlier call of ours got there, and its answer was lost. */
async function adoptNamed(ctx: StepContext, failure: Failure): Promise<StepOutcome> {
  const { api, names } = ctx;
  if (failure.machineId !== undefined) {
    const holder = await api.getMachine(names.app, failure.machineId);
    if (holder.ok && holder.value.name === names.machine && machineState(holder.value.state) !== "absent") {
      const verdict = own(ctx, holder.value);
      return verdict.type === "found" ? seen(verdict.machine) : withoutMachine(ctx, verdict);
    }
  }
  const found = await findMachine(ctx);
  if (found.type === "found") return seen(found.machine);
  if (found.type === "failed") return found.outcome;
  return {
    type: "retry",
    afterMs: 1_000,
    cause: "Fly says that the machine exists, and does not list it yet",
  };
}

/** Also for a machine whose id got lost while its volume is known: the name finds it, and only then is the volume free. */
export async function unmachine(ctx: StepContext): Promise<StepOutcome> {
  const { api, names } = ctx;
  const found = await findMachine(ctx);
  if (found.type === "failed") return found.outcome;
  if (found.type !== "found") return done({ observed: ABSENT });
  if (found.machine.state !== "destroying") {
    const deleted = await api.deleteMachine(names.app, found.machine.id);
    if (!deleted.ok && deleted.failure.kind !== "absent") return deleted.failure.outcome;
  }
  const confirmed = await hold(ctx, { first: 50, most: 1_000 }, async () => {
    const left = await findMachine(ctx);
    if (left.type === "failed") return left.outcome;
    return left.type === "found" ? undefined : done({ observed: ABSENT });
  });
  return confirmed ?? pending(1_000, `Fly is destroying the machine ${found.machine.id}`);
}
