import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../usage/day.ts";
import { timeTicks } from "./ticks.ts";

/** Into the night in which clocks change in Europe, which changes nothing here. */
const TO = Date.UTC(2026, 2, 29, 12, 34);

describe.each([1, 7, 30, 366])("the axis of %i days", (days) => {
  const ticks = timeTicks(TO - days * DAY_MS, TO);

  it("has labels that do not meet, also on a phone", () => {
    const gaps = (all: { x: number }[]) => all.slice(1).map(({ x }, index) => x - (all[index]?.x ?? 0));
    // A label is some 40 pixels wide; a chart some 700, and 320 on a phone.
    expect(Math.min(...gaps(ticks))).toBeGreaterThanOrEqual((40 / 700) * 100);
    const narrow = ticks.filter(({ isNarrow }) => isNarrow);
    expect(Math.min(...gaps(narrow))).toBeGreaterThanOrEqual((40 / 320) * 100);
    expect(narrow.length).toBeGreaterThanOrEqual(3);
  });
});

it("names the hours of a day and the days of a week", () => {
  expect(timeTicks(Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 21)).map(({ label }) => label)).toEqual([
    "03:00",
    "06:00",
    "09:00",
    "12:00",
    "15:00",
    "18:00",
    "21:00",
  ]);
  const week = timeTicks(Date.UTC(2026, 10, 14, 6), Date.UTC(2026, 10, 21, 6));
  expect(week.map(({ label }) => label)).toContain("20 Nov");
});
