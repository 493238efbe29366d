import { describe, expect, it } from "vitest";
import { Throttle } from "./throttle.ts";

describe("Throttle", () => {
  it("holds a key for its period, and no other", () => {
    const throttle = new Throttle(100, 10);
    throttle.hold("a", 0);
    expect(throttle.isHeld("a", 99)).toBe(true);
    expect(throttle.isHeld("a", 100)).toBe(false);
    expect(throttle.isHeld("b", 0)).toBe(false);
  });

  it("is bounded", () => {
    const throttle = new Throttle(100, 2);
    for (const key of ["a", "b", "c"]) {
      throttle.hold(key, 0);
    }
    expect([throttle.isHeld("a", 1), throttle.isHeld("c", 1)]).toEqual([false, true]);
  });
});
