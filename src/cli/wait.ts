import type { GentityClient, Instance, InstanceStatus, StatusChange } from "../sdk/index.ts";
import type { Context } from "./context.ts";
import { CancelledError, CliError } from "./errors.ts";
import { type Progress, startProgress } from "./progress.ts";

const PATIENCE_MS = 600_000;
const PATIENCE_TEXT = "10 minutes";
/** How often to ask what is being done. */
const LOOK_MS = 1_500;

/** Work on an instance that is shown while it goes on. */
export interface ShownWork {
  context: Context;
  client: GentityClient;
  id: string;
  /** As in "Starting my-agent". */
  doing: string;
  progress: Progress;
}

/** Shows progress on stderr while `work` is going on, and that it failed when it does. */
export async function shown<T>(
  context: Context,
  doing: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = startProgress(context.out, doing);
  try {
    return await work(progress);
  } catch (error) {
    progress.fail();
    throw error;
  }
}

/** Asks for something that the server may take a minute to confirm, and shows what it is doing meanwhile. */
export async function narrated<T>(work: ShownWork, request: Promise<T>): Promise<T> {
  const looking = setInterval(() => void narrate(work), LOOK_MS);
  try {
    return await request;
  } catch (error) {
    throw work.context.signal.aborted ? stoppedWaiting(work.id) : error;
  } finally {
    clearInterval(looking);
  }
}

/** Waits until the instance has a wanted status; everything else is an error that says how to go on. */
export async function awaitStatus(work: ShownWork, wanted: readonly InstanceStatus[]): Promise<StatusChange> {
  const { client, context, doing, id, progress } = work;
  const waiting = client.instances.waitFor(id, wanted, {
    signal: context.signal,
    timeoutMs: PATIENCE_MS,
    onChange: (change) => progress.update(lineOf(doing, change.status, change.errorMessage ?? change.reason)),
  });
  const outcome = await narrated(work, waiting);
  switch (outcome.type) {
    case "reached":
      return outcome.change;
    case "failed":
      throw await failedNow(client, id, outcome.change);
    case "timeout":
      throw new CliError(`${doing} takes longer than ${PATIENCE_TEXT}; it goes on without us.`, {
        next: [watchStep(id)],
      });
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

/** What a person calls an instance. */
export function nameOf(instance: Pick<Instance, "name" | "subdomain">): string {
  return instance.name || instance.subdomain;
}

/** A change of state says what happened, but the hint is only with the instance. */
async function failedNow(client: GentityClient, id: string, change: StatusChange): Promise<CliError> {
  const instance = await client.instances.get(id).catch(() => null);
  return failedInstance(id, { ...change, hint: instance?.hint });
}

/** Best effort: what is being done matters less than that it is done. */
async function narrate({ client, context, doing, id, progress }: ShownWork): Promise<void> {
  const instance = await client.instances.get(id, { signal: context.signal }).catch(() => null);
  if (instance?.progress) progress.update(lineOf(doing, instance.status, instance.progress));
}

function lineOf(doing: string, status: string, detail: string | null): string {
  return `${doing}: ${detail ? `${status}, ${detail}` : status}`;
}

function stoppedWaiting(id: string): CancelledError {
  return new CancelledError("Stopped waiting; it goes on without us.", [watchStep(id)]);
}

function watchStep(id: string): string {
  return `See how it is doing: gentity compute watch ${id}`;
}
