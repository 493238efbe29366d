import type { GentityClient, Instance, InstanceStatus, StatusChange } from "../sdk/index.ts";
import type { Context } from "./context.ts";
import { CancelledError, CliError } from "./errors.ts";
import type { Progress } from "./progress.ts";

const PATIENCE_MS = 600_000;
const PATIENCE_TEXT = "10 minutes";

/** A wait with its progress on stderr. */
export interface ShownWait {
  id: string;
  wanted: readonly InstanceStatus[];
  /** What is being waited for, as in "Starting my-agent". */
  doing: string;
  progress: Progress;
}

/** Waits until the instance has a wanted status; everything else is an error that says how to go on. */
export async function awaitStatus(
  context: Context,
  client: GentityClient,
  wait: ShownWait,
): Promise<StatusChange> {
  const { id, wanted, doing, progress } = wait;
  try {
    const outcome = await client.instances.waitFor(id, wanted, {
      signal: context.signal,
      timeoutMs: PATIENCE_MS,
      onChange: (change) => progress.update(`${doing}: ${changeText(change)}`),
    });
    switch (outcome.type) {
      case "reached":
        return outcome.change;
      case "failed":
        throw failedInstance(id, outcome.change);
      case "timeout":
        throw new CliError(`${doing} takes longer than ${PATIENCE_TEXT}; it goes on without us.`, {
          next: [`See how it is doing: gentity compute watch ${id}`],
        });
    }
  } catch (error) {
    progress.fail();
    if (!context.signal.aborted) throw error;
    throw new CancelledError("Stopped waiting; it goes on without us.", [
      `See how it is doing: gentity compute watch ${id}`,
    ]);
  }
}

/** The error of an instance that will not get anywhere by itself. */
export function failedInstance(
  id: string,
  facts: { status: string; errorMessage?: string | null; hint?: string | null },
): CliError {
  const reason = facts.errorMessage ? `: ${facts.errorMessage}` : ".";
  return new CliError(`Instance ${id} is in state "${facts.status}"${reason}`, {
    next: [
      ...(facts.hint ? [facts.hint] : []),
      `See its log with: gentity compute logs ${id}`,
      `Or delete it with: gentity compute delete ${id}`,
    ],
  });
}

/** A status with what is behind it. */
export function changeText(change: StatusChange): string {
  const why = change.errorMessage ?? change.reason;
  return why ? `${change.status}, ${why}` : change.status;
}

/** What a person calls an instance. */
export function nameOf(instance: Pick<Instance, "name" | "subdomain">): string {
  return instance.name || instance.subdomain;
}
