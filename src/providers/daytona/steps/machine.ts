/** The sandbox itself: made on a confirmed absence, removed on a confirmed one. */
import { LABELS } from "../names.ts";
import { findRecipeProblem, sandboxBody, secretsOf } from "../spec.ts";
import { ABSENT } from "../states.ts";
import {
  done,
  findSandbox,
  hold,
  pending,
  type StepContext,
  type StepOutcome,
  seen,
  withoutSandbox,
} from "./context.ts";

export async function machine(ctx: StepContext): Promise<StepOutcome> {
  const { api, target, options, prefix } = ctx;
  const { recipe } = options;
  if (recipe === undefined) throw new Error("the step machine needs a recipe");
  const problem = findRecipeProblem(recipe);
  if (problem !== undefined) return { type: "rejected", code: "invalid_spec", message: problem };
  const found = await findSandbox(ctx);
  if (found.type === "found") return seen(found.sandbox);
  if (found.type !== "absent") return withoutSandbox(ctx, found);
  const created = await api.create(sandboxBody(target, recipe, prefix), secretsOf(recipe));
  if (created.ok) return seen(created.value);
  return created.failure.kind === "exists" ? adopt(ctx) : created.failure.outcome;
}

/** Our name is taken although we saw nobody: an earlier call of ours got there, and its answer was lost. */
async function adopt(ctx: StepContext): Promise<StepOutcome> {
  const found = await findSandbox(ctx);
  if (found.type === "found") return seen(found.sandbox);
  if (found.type !== "absent") return withoutSandbox(ctx, found);
  return {
    type: "retry",
    afterMs: 1_000,
    cause: "Daytona says that the sandbox exists, and does not show it yet",
  };
}

/**
 * A sandbox has the settings it was made with: Daytona cannot change its environment, and taking another sandbox would
 * lose the disk. So it is told apart whether it has these, and nothing is pretended.
 */
export async function configure(ctx: StepContext): Promise<StepOutcome> {
  const { recipe } = ctx.options;
  if (recipe?.id === undefined) throw new Error("the step configure needs a recipe with an id");
  const found = await findSandbox(ctx);
  // No sandbox holds no settings; `start` is what fails without one.
  if (found.type === "absent") return done({ observed: ABSENT });
  if (found.type !== "found") return withoutSandbox(ctx, found);
  if (found.sandbox.labels[LABELS.recipe] === recipe.id) return seen(found.sandbox);
  return {
    type: "rejected",
    code: "unsupported",
    message: "Daytona cannot change the settings of a sandbox that exists",
    hint: "Delete the instance and create it again; copy what it holds first.",
  };
}

export async function unmachine(ctx: StepContext): Promise<StepOutcome> {
  const found = await findSandbox(ctx);
  if (found.type === "absent") return done({ observed: ABSENT });
  if (found.type !== "found") return withoutSandbox(ctx, found);
  const { id, state } = found.sandbox;
  if (state !== "destroying") {
    const deleted = await ctx.api.delete(id);
    if (!deleted.ok && deleted.failure.kind !== "absent") return deleted.failure.outcome;
  }
  const confirmed = await hold(ctx, async () => {
    const left = await findSandbox(ctx);
    if (left.type === "absent") return done({ observed: ABSENT });
    return left.type === "found" ? undefined : withoutSandbox(ctx, left);
  });
  return confirmed ?? pending(1_000, `Daytona is destroying the sandbox ${id}`);
}
