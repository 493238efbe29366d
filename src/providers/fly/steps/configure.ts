/** Another recipe for a machine that exists: new settings reach it in no other way than by replacing its configuration. */
import type { FlyMachine } from "../schema.ts";
import { findRecipeProblem, METADATA, machineBody, secretsOf } from "../spec.ts";
import { ABSENT, machineState } from "../states.ts";
import {
  done,
  findMachine,
  hold,
  missing,
  pending,
  type StepContext,
  type StepOutcome,
  seen,
  withoutMachine,
} from "./context.ts";

/**
 * The machine is left down: whatever ran with the old settings has ended, and nothing runs with the new ones before
 * somebody asks. What counts is what Fly shows afterwards, so an answer that was lost only means another look.
 *
 * [?] Fly keeps a machine's earlier configurations as versions, readable with the organization's token alone; they cannot
 * be deleted before the machine is.
 */
export async function configure(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target, options } = ctx;
  const { recipe } = options;
  if (recipe?.id === undefined) throw new Error("the step configure needs a recipe with an id");
  const problem = findRecipeProblem(recipe);
  if (problem !== undefined) return { type: "rejected", code: "invalid_spec", message: problem };
  const found = await findMachine(ctx);
  // No machine holds no settings; `start` is what fails without one.
  if (found.type === "absent") return done({ observed: ABSENT });
  if (found.type !== "found") return withoutMachine(ctx, found);
  if (!found.machine.config)
    return pending(5_000, "Fly does not show the machine's settings: its host is away");
  if (!has(found.machine, recipe.id)) {
    if (target.spec.volumeGb > 0 && target.refs.volume === undefined) {
      return missing("The volume of this machine is not known, and settings without it would take it away");
    }
    const { config } = machineBody(target, names, recipe);
    const body = { config, skip_launch: true as const };
    const updated = await api.updateMachine(names.app, found.machine.id, body, secretsOf(recipe));
    if (!updated.ok && updated.failure.kind !== "absent") return updated.failure.outcome;
  }
  return untilDown(ctx, recipe.id);
}

async function untilDown(ctx: StepContext, recipeId: string): Promise<StepOutcome> {
  const outcome = await hold(ctx, { first: 100, most: 1_000 }, async () => {
    const left = await findMachine(ctx);
    if (left.type === "absent") return done({ observed: ABSENT });
    if (left.type !== "found") return withoutMachine(ctx, left);
    const isUp = ["starting", "stopping", "suspending"].includes(machineState(left.machine.state));
    return has(left.machine, recipeId) && !isUp ? seen(left.machine) : undefined;
  });
  return outcome ?? pending(1_000, "Fly is giving the machine its new settings");
}

function has(machine: FlyMachine, recipeId: string): boolean {
  return machine.config?.metadata?.[METADATA.recipe] === recipeId;
}
