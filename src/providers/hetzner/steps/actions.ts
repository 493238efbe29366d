/** What a change set off at the vendor: all of it is asked about in one call, however much it is. */
import { classifyAction } from "../classify.ts";
import type { HetznerAction, HetznerChange } from "../schema.ts";
import { hold, type StepContext, type StepOutcome } from "./context.ts";

/** More ids than this in one call are not asked for by the vendor's own client either. */
const MOST_AT_ONCE = 25;

export function actionsOf(change: HetznerChange): HetznerAction[] {
  return [change.action, ...change.actions, ...change.next_actions].filter(
    (action): action is HetznerAction => action !== null && action !== undefined,
  );
}

/** The outcome of the first that came to nothing. */
export function findFailed(actions: readonly HetznerAction[]): StepOutcome | undefined {
  const failed = actions.find(({ status }) => status === "error");
  return failed === undefined ? undefined : classifyAction(failed.command, failed.error ?? null).outcome;
}

/**
 * Waits, within the hold, until all have ended. Undefined when they ended well, and also when they are still under way: what
 * the vendor shows of the thing itself decides then. Otherwise why one came to nothing.
 */
export async function settle(
  ctx: StepContext,
  actions: readonly HetznerAction[],
): Promise<StepOutcome | undefined> {
  const failed = findFailed(actions);
  if (failed !== undefined) return failed;
  let running = idsRunning(actions);
  if (running.length === 0) return undefined;
  const outcome = await hold(ctx, async () => {
    const polled = await ctx.api.getActions(running.slice(0, MOST_AT_ONCE));
    if (!polled.ok) return polled.failure.outcome;
    const ended = polled.value.actions.filter(({ status }) => status !== "running").map(({ id }) => id);
    const problem = findFailed(polled.value.actions);
    if (problem !== undefined) return problem;
    running = running.filter((id) => !ended.includes(id));
    return running.length === 0 ? SETTLED : undefined;
  });
  return outcome === SETTLED ? undefined : outcome;
}

const SETTLED: StepOutcome = { type: "ok", value: {} };

function idsRunning(actions: readonly HetznerAction[]): number[] {
  return actions.filter(({ status }) => status === "running").map(({ id }) => id);
}
