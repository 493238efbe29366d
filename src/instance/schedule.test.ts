import { describe, expect, it } from "vitest";
import { findCronProblem, nextRun, passDue, wakeDue } from "./schedule.ts";

const at = (time: string) => Date.parse(time);
const NOW = at("2026-11-21T12:00:30.000Z");

describe("a schedule", () => {
  it("is read in UTC, to the minute", () => {
    expect(nextRun("0 9 * * 1-5", NOW)).toBe(at("2026-11-23T09:00:00.000Z"));
    expect(nextRun("*/15 * * * *", NOW)).toBe(at("2026-11-21T12:15:00.000Z"));
    expect(nextRun("* * * * *", at("2026-11-21T12:00:00.000Z"))).toBe(at("2026-11-21T12:01:00.000Z"));
    expect(nextRun("0 0 29 2 *", NOW)).toBe(at("2028-02-29T00:00:00.000Z"));
  });

  it.each([["* * * *"], ["* * * * * *"], ["61 * * * *"], ["tomorrow"], [""]])("%j is none", (text) => {
    expect(findCronProblem(text, NOW)).toContain("five fields");
  });

  it("that never comes to pass is told apart", () => {
    expect(findCronProblem("0 0 30 2 *", NOW)).toBe("never comes to pass");
    expect(findCronProblem("0 9 * * *", NOW)).toBeUndefined();
  });

  it("is due at the earlier of its two", () => {
    expect(wakeDue({ wakeAt: 5, wakeCron: "* * * * *", cronAt: 7 })).toBe(5);
    expect(wakeDue({ wakeAt: null, wakeCron: "* * * * *", cronAt: 7 })).toBe(7);
    expect(wakeDue({ wakeAt: null, wakeCron: null, cronAt: null })).toBeUndefined();
  });

  it("lesson 15: what was missed for days has come to pass once", () => {
    const missed = { wakeAt: NOW - 1, wakeCron: "0 * * * *", cronAt: at("2026-11-17T08:00:00.000Z") };
    expect(passDue(missed, NOW)).toEqual({ wakeAt: null, cronAt: at("2026-11-21T13:00:00.000Z") });
    const ahead = { wakeAt: NOW + 1, wakeCron: "0 * * * *", cronAt: NOW + 2 };
    expect(passDue(ahead, NOW)).toEqual({ wakeAt: NOW + 1, cronAt: NOW + 2 });
  });
});
