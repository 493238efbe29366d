import { describe, expect, it } from "vitest";
import { drain, fullBucket, learn, refill, take, waitFor } from "./rate-limit.ts";

const NOW = 1_800_000_000_000;
const none = { limit: null, remaining: null, reset: null };

describe("the rate limit of a project", () => {
  it("allows a burst of an hour's worth and then one a second", () => {
    let bucket = fullBucket(NOW);
    for (let count = 0; count < 3_600; count++) {
      const taken = take(bucket, NOW);
      expect(taken.waitMs).toBe(0);
      bucket = taken.bucket;
    }
    expect(take(bucket, NOW).waitMs).toBe(5_000);
    expect(take(bucket, NOW + 1_000).waitMs).toBe(0);
  });

  it("never holds more than the limit, nor loses any when a clock steps back", () => {
    expect(refill(fullBucket(NOW), NOW + 3_600_000).tokens).toBe(3_600);
    const half = { ...fullBucket(NOW), tokens: 1_800 };
    expect(refill(half, NOW - 60_000).tokens).toBe(1_800);
  });

  it("believes the vendor, who also counts what others spend", () => {
    const reset = String((NOW + 100_000) / 1_000);
    const bucket = learn(fullBucket(NOW), { limit: "200", remaining: "0", reset }, NOW);
    expect(bucket).toMatchObject({ limit: 200, tokens: 0, perMs: 200 / 100_000 });
    expect(waitFor(bucket)).toBe(2_500);
    expect(take(bucket, NOW + 2_500).waitMs).toBe(0);
  });

  it("keeps what it has where the vendor says nothing or nonsense", () => {
    const bucket = { ...fullBucket(NOW), tokens: 7 };
    expect(learn(bucket, none, NOW)).toEqual(bucket);
    expect(learn(bucket, { limit: "x", remaining: "-1", reset: "" }, NOW)).toEqual(bucket);
  });

  it("takes no pace from a bucket that is nearly full, or from a reset in the past", () => {
    const nearly = { limit: "3600", remaining: "3599", reset: String((NOW + 900_000) / 1_000) };
    expect(learn(fullBucket(NOW), nearly, NOW).perMs).toBe(0.001);
    const past = { limit: "3600", remaining: "0", reset: String((NOW - 1_000) / 1_000) };
    expect(learn(fullBucket(NOW), past, NOW).perMs).toBe(0.001);
  });

  it("waits at least a second and at most a minute", () => {
    expect(waitFor({ limit: 3_600, tokens: 5, perMs: 1, at: NOW })).toBe(1_000);
    expect(waitFor({ limit: 3_600, tokens: 0, perMs: 0.000_001, at: NOW })).toBe(60_000);
    expect(waitFor(drain(fullBucket(NOW), NOW))).toBe(5_000);
  });
});
