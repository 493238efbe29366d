import { type ApiError, ConnectionError, RateLimitError } from "./errors.ts";

const BASE_DELAY_MS = 250;
const MAX_DELAY_MS = 8_000;
/** A server that asks for longer than this wants the caller to know, not to sit still. */
const MAX_RETRY_AFTER_SECONDS = 30;

/** The first try of the same POST is still at work: its answer is worth waiting for, longer than for a failure. */
const IN_PROGRESS = "idempotency_in_progress";
const IN_PROGRESS_DELAY_MS = 1_000;
const MAX_IN_PROGRESS = 90;

/** Conditions of the deployment that no waiting changes, though their status is 503. */
const LASTING = ["not_configured"];

/** One failed attempt, as the retry rule sees it. */
export interface FailedAttempt {
  /** 0 for the first attempt. */
  attempt: number;
  maxRetries: number;
  error: ApiError;
  /** What `Retry-After` said, in seconds. */
  retryAfterSeconds: number | null;
  /** A number in [0, 1), so that many clients do not come back at the same instant. */
  random: number;
}

/** Milliseconds to wait before the next attempt, or `null` when the error should reach the caller. */
export function retryDelayMs(failed: FailedAttempt): number | null {
  if (failed.error.code === IN_PROGRESS) {
    return failed.attempt < MAX_IN_PROGRESS ? IN_PROGRESS_DELAY_MS : null;
  }
  if (failed.attempt >= failed.maxRetries || !isWorthRetrying(failed.error)) return null;
  if (failed.retryAfterSeconds !== null) {
    return failed.retryAfterSeconds > MAX_RETRY_AFTER_SECONDS ? null : failed.retryAfterSeconds * 1000;
  }
  const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** failed.attempt);
  return ceiling / 2 + (ceiling / 2) * failed.random;
}

/** A timeout is the caller's own limit, so it is never stretched by trying again. */
function isWorthRetrying(error: ApiError): boolean {
  if (error instanceof ConnectionError) return error.code !== "timeout";
  return error instanceof RateLimitError || (error.status === 503 && !LASTING.includes(error.code));
}

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
