import { expect, test } from "vitest";
import { ApiError, ConnectionError, RateLimitError } from "./errors.ts";
import { retryDelayMs, sleep } from "./retry.ts";

const api = (status: number, code = `http_${status}`) => new ApiError("no", { status, code });
const connection = (code: string) => new ConnectionError("no", { code, url: "http://x" });
const limited = new RateLimitError("no", { status: 429, code: "rate_limited", retryAfterSeconds: 2 });
const first = { attempt: 0, maxRetries: 2, retryAfterSeconds: null, random: 0 };

test.each([
  ["a refused connection", connection("ECONNREFUSED"), 125],
  ["a rate limit", limited, 125],
  ["a 503", api(503), 125],
  ["a timeout, which is the caller's own limit", connection("timeout"), null],
  ["a 500", api(500), null],
  ["a 404", api(404), null],
  ["a deployment without a provider", api(503, "not_configured"), null],
  ["a first try that is still at work", api(409, "idempotency_in_progress"), 1000],
])("after %s", (_name, error, expected) => {
  expect(retryDelayMs({ ...first, error })).toBe(expected);
});

test("backs off twice as long each time, up to a limit, with jitter in the upper half", () => {
  const at = (attempt: number, random: number) =>
    retryDelayMs({ ...first, maxRetries: 99, attempt, random, error: api(503) });
  expect([0, 1, 2, 3].map((attempt) => at(attempt, 0))).toEqual([125, 250, 500, 1000]);
  expect(at(0, 0.999)).toBeLessThan(250);
  expect(at(50, 0)).toBe(4000);
});

test("does as Retry-After says, unless that is too long to sit still", () => {
  expect(retryDelayMs({ ...first, error: limited, retryAfterSeconds: 2 })).toBe(2000);
  expect(retryDelayMs({ ...first, error: limited, retryAfterSeconds: 31 })).toBeNull();
});

test("gives up after the last retry", () => {
  expect(retryDelayMs({ ...first, attempt: 2, error: api(503) })).toBeNull();
});

test("a sleep ends with the signal's reason", async () => {
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  controller.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  await expect(sleep(1, controller.signal)).rejects.toThrow("enough");
});
