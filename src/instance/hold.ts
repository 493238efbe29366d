import type { HoldVerdict } from "./contract.ts";
import type { Cause, Change } from "./engine.ts";

/** There is one hold: the last word counts. */
export const HOLD = "hold";

/** Keeps the instance awake for so long, and none lets it go. @returns why not, or undefined. */
export function hold(
  change: Change,
  { seconds, reason }: { seconds: number; reason: string },
  cause: Cause,
): Extract<HoldVerdict, { type: "conflict" }> | undefined {
  if (seconds === 0) {
    change.endWork(HOLD);
    change.audit("instance.hold", cause, { seconds });
    return undefined;
  }
  const { state } = change;
  if (state !== "running" && state !== "starting" && state !== "creating") {
    const message = `The instance is ${state}; there is nothing to keep awake.`;
    return { type: "conflict", state, message, hint: "Start or resume it first." };
  }
  const until = change.beginWork({ id: HOLD, reason, ms: seconds * 1_000 });
  change.audit("instance.hold", cause, { seconds, reason, until });
  return undefined;
}
