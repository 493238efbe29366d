/**
 * Another recipe for a server that exists. Nothing of a recipe is on the server: its host program is handed the current one at
 * every boot, and starts no agent before. So a server that is down has every new recipe already.
 */
import { ABSENT } from "../states.ts";
import { done, findServer, type StepContext, type StepOutcome, seen } from "./context.ts";
import { route } from "./place.ts";
import { stop } from "./power.ts";

export async function configure(ctx: StepContext): Promise<StepOutcome> {
  const { target, options } = ctx;
  const { recipe } = options;
  if (recipe?.id === undefined) throw new Error("the step configure needs a recipe with an id");
  const found = await findServer(ctx);
  // No machine holds no settings; `start` is what fails without one.
  if (found.type === "absent") return done({ observed: ABSENT });
  if (found.type === "failed") return found.outcome;
  if (target.refs.tunnel !== undefined) {
    const routed = await route(ctx, target.refs.tunnel, recipe.port);
    if (routed.type !== "ok") return routed;
  }
  const { connected, agent } = await ctx.host.report(target.instanceId);
  const hasIt = found.server.status === "running" && connected && agent?.recipeId === recipe.id;
  return hasIt ? seen(found.server) : stop(ctx);
}
