import { describe, expect, it } from "vitest";
import { sumByState, toSegments } from "./segments.ts";

const HOUR = 3_600_000;
const FROM = Date.UTC(2026, 2, 28);
const at = (hours: number) => FROM + hours * HOUR;
const total = (segments: { from: number; to: number }[]) =>
  segments.reduce((sum, { from, to }) => sum + to - from, 0);

describe("the band of states", () => {
  it("fills its time without a gap, whatever the periods are", () => {
    const periods = [
      { state: "running", startedAt: at(5), endedAt: null },
      { state: "creating", startedAt: at(2), endedAt: at(3) },
      { state: "running", startedAt: at(3), endedAt: at(4) },
    ];
    const segments = toSegments(periods, at(0), at(24));
    expect(segments.map(({ state, from, to }) => [state, (from - FROM) / HOUR, (to - FROM) / HOUR])).toEqual([
      [null, 0, 2],
      ["creating", 2, 3],
      ["running", 3, 4],
      [null, 4, 5],
      ["running", 5, 24],
    ]);
    expect(total(segments)).toBe(24 * HOUR);
  });

  it("is half-open: what ended as it begins, or begins as it ends, is not in it", () => {
    const periods = [
      { state: "creating", startedAt: at(-2), endedAt: at(0) },
      { state: "running", startedAt: at(0), endedAt: at(24) },
      { state: "stopped", startedAt: at(24), endedAt: null },
    ];
    expect(toSegments(periods, at(0), at(24))).toEqual([
      { state: "running", from: at(0), to: at(24), periods: 1 },
    ]);
  });

  it("ends an open period where the next one begins", () => {
    const periods = [
      { state: "running", startedAt: at(-5), endedAt: null },
      { state: "stopped", startedAt: at(6), endedAt: null },
    ];
    const sums = sumByState(toSegments(periods, at(0), at(24)));
    expect([...sums]).toEqual([
      ["running", 6 * HOUR],
      ["stopped", 18 * HOUR],
    ]);
  });

  it("knows of nothing where nothing was recorded", () => {
    expect(toSegments([], at(0), at(24))).toEqual([{ state: null, from: at(0), to: at(24), periods: 0 }]);
  });

  it("joins what is too narrow to be seen, and still fills its time", () => {
    const minute = HOUR / 60;
    const periods = Array.from({ length: 5_000 }, (_, index) => ({
      state: index % 2 === 0 ? "running" : "suspended",
      startedAt: FROM + index * 8 * minute + (index % 2) * minute,
      endedAt: FROM + (index + 1) * 8 * minute + ((index + 1) % 2) * minute,
    }));
    const to = FROM + 5_000 * 8 * minute;
    const segments = toSegments(periods, FROM, to);
    expect(segments.length).toBeLessThanOrEqual(801);
    expect(total(segments)).toBe(to - FROM);
    expect(segments.reduce((sum, each) => sum + each.periods, 0)).toBe(5_000);
    for (const [index, segment] of segments.entries()) {
      expect(segment.from).toBe(segments[index - 1]?.to ?? FROM);
    }
  });
});
