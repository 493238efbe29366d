/**
 * The vendor's rate limit, kept as a bucket of our own: 3,600 requests an hour for a whole project, which all instances share.
 * Pure; the vendor's headers correct it with every answer, since others spend from the same project.
 */

export interface Bucket {
  limit: number;
  tokens: number;
  perMs: number;
  /** When `tokens` was true, in epoch milliseconds. */
  at: number;
}

export interface RateHeaders {
  limit: string | null;
  remaining: string | null;
  /** Unix seconds at which the bucket is full again. */
  reset: string | null;
}

const HOUR_MS = 3_600_000;
const DEFAULT_LIMIT = 3_600;
/** Whoever was turned away comes back when there is room for a step's worth of calls. */
const WORTH_COMING_BACK = 5;
const LEAST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 60_000;

export function fullBucket(now: number): Bucket {
  return { limit: DEFAULT_LIMIT, tokens: DEFAULT_LIMIT, perMs: DEFAULT_LIMIT / HOUR_MS, at: now };
}

export function refill(bucket: Bucket, now: number): Bucket {
  const elapsed = Math.max(0, now - bucket.at);
  const tokens = Math.min(bucket.limit, bucket.tokens + elapsed * bucket.perMs);
  return { ...bucket, tokens, at: now };
}

/** One request's worth, or how long to stay away. */
export function take(bucket: Bucket, now: number): { bucket: Bucket; waitMs: number } {
  const filled = refill(bucket, now);
  if (filled.tokens < 1) return { bucket: filled, waitMs: waitFor(filled) };
  return { bucket: { ...filled, tokens: filled.tokens - 1 }, waitMs: 0 };
}

/** What the vendor says counts; what it leaves out stays as we have it. */
export function learn(bucket: Bucket, headers: RateHeaders, now: number): Bucket {
  const filled = refill(bucket, now);
  const limit = number(headers.limit) ?? filled.limit;
  const remaining = number(headers.remaining);
  if (remaining === undefined) return filled;
  const resetMs = (number(headers.reset) ?? 0) * 1_000;
  const missing = limit - remaining;
  // A reset that is rounded to seconds tells nothing of the pace when the bucket is nearly full.
  const told = missing > WORTH_COMING_BACK && resetMs > now ? missing / (resetMs - now) : undefined;
  return { limit, tokens: Math.min(limit, remaining), perMs: told ?? limit / HOUR_MS, at: now };
}

/** After a refusal: empty, whatever we believed. */
export function drain(bucket: Bucket, now: number): Bucket {
  return { ...refill(bucket, now), tokens: 0 };
}

export function waitFor(bucket: Bucket): number {
  const missing = Math.max(0, Math.min(WORTH_COMING_BACK, bucket.limit) - bucket.tokens);
  return Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, Math.ceil(missing / bucket.perMs)));
}

function number(text: string | null): number | undefined {
  if (text === null || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
