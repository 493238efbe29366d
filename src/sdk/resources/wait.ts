import { ApiError, ConnectionError, NotFoundError } from "../errors.ts";
import { sleep } from "../retry.ts";
import type { Instance, InstanceStatus, StatusChange } from "../types.ts";

/** What waiting needs from the instances: how to look once, and how to be told. */
export interface StatusSource {
  get: (id: string, options: { signal?: AbortSignal }) => Promise<Instance>;
  watch: (id: string, options: { signal?: AbortSignal }) => AsyncIterable<StatusChange>;
}

/** How a wait went. */
export type WaitOutcome =
  | { type: "reached"; change: StatusChange }
  /** It is in `error`, and will not get anywhere by itself. */
  | { type: "failed"; change: StatusChange }
  | { type: "timeout"; change: StatusChange | null };

/** What to wait for, and how long. */
export interface WaitOptions {
  signal?: AbortSignal;
  /** Default 10 minutes. */
  timeoutMs?: number;
  /** Between looks, where the server cannot be watched; default 2 seconds. */
  pollMs?: number;
  /** Called with every status seen, the first one included. */
  onChange?: (change: StatusChange) => void;
}

const DEFAULT_TIMEOUT_MS = 600_000;
const DEFAULT_POLL_MS = 2_000;

const GONE: StatusChange = {
  status: "deleted",
  since: null,
  reason: null,
  errorMessage: null,
  generation: null,
};

/** Follows an instance until it has one of the wanted statuses, has failed, or the time is up. */
export async function waitForStatus(
  source: StatusSource,
  id: string,
  wanted: readonly InstanceStatus[],
  options: WaitOptions = {},
): Promise<WaitOutcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline.signal]) : deadline.signal;
  let last: StatusChange | null = null;
  try {
    for await (const change of statuses(source, id, { ...options, signal })) {
      last = change;
      options.onChange?.(change);
      if (wanted.includes(change.status)) return { type: "reached", change };
      if (change.status === "error" || change.status === "deleted") return { type: "failed", change };
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!deadline.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return { type: "timeout", change: last };
}

/** Every status from the present one on: told by the server, or looked up where it cannot tell. */
async function* statuses(
  source: StatusSource,
  id: string,
  options: WaitOptions,
): AsyncGenerator<StatusChange, void, void> {
  try {
    yield* source.watch(id, { signal: options.signal });
  } catch (error) {
    if (!cannotWatch(error)) throw error;
  }
  for (let previous = ""; ; ) {
    const change = await look(source, id, options.signal);
    if (change.status !== previous) yield change;
    if (change === GONE) return;
    previous = change.status;
    await sleep(options.pollMs ?? DEFAULT_POLL_MS, options.signal);
  }
}

/** A 404 may mean the instance or the route; the look that follows tells which. */
function cannotWatch(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error instanceof ConnectionError || [404, 405, 501].includes(error.status);
}

async function look(source: StatusSource, id: string, signal?: AbortSignal): Promise<StatusChange> {
  try {
    const instance = await source.get(id, { signal });
    return {
      status: instance.status,
      since: instance.statusSince ?? null,
      reason: null,
      errorMessage: instance.errorMessage,
      generation: instance.generation ?? null,
    };
  } catch (error) {
    if (error instanceof NotFoundError) return GONE;
    throw error;
  }
}
