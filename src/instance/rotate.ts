import type { RotateCommand } from "./contract.ts";
import type { Cause, Change } from "./engine.ts";
import { isTransitional } from "./states.ts";

export type RotateVerdict =
  | { type: "accepted" }
  /** It has moved since the command was made: make it again. */
  | { type: "stale" }
  | { type: "conflict"; message: string; hint: string };

/** Why an instance cannot be moved or handed over now, or undefined. */
export function findUnsettled({ state }: Pick<Change, "state">, what: string): RotateVerdict | undefined {
  if (state === "deleting" || state === "deleted") {
    const hint = "A deleted instance cannot come back. Create a new one.";
    return { type: "conflict", message: `The instance is ${state}; ${what}.`, hint };
  }
  if (isTransitional(state)) {
    const hint = `Wait until it has left "${state}", then try again. Watch it with: gentity compute watch`;
    return {
      type: "conflict",
      message: `The instance is ${state}; ${what} before it has come to rest.`,
      hint,
    };
  }
  return undefined;
}

/** Moves to a new name. The machine learns of it at its next cold start, where its recipe says it at all. */
export function rotate(change: Change, command: RotateCommand, cause: Cause): RotateVerdict {
  const refusal = findUnsettled(change, "its URL cannot be rotated");
  if (refusal) {
    return refusal;
  }
  const { record } = change;
  if (record.subdomain !== command.from) {
    return { type: "stale" };
  }
  const { recipe } = command;
  change.update({
    subdomain: command.subdomain,
    generation: record.generation + 1,
    ...(recipe && { ...recipe, pendingRecipe: record.pendingRecipe ?? "address" }),
  });
  // The name is the credential, so the event does not hold it.
  change.audit("instance.rotate_url", cause);
  change.restartJob();
  change.show();
  return { type: "accepted" };
}
