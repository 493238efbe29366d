import { describe, expect, it } from "vitest";
import { everyDay, layOutBars } from "./bars.ts";

const HOUR = 3600;
const day = (name: string, runningSeconds: number, pausedSeconds: number) => ({
  day: name,
  runningSeconds,
  pausedSeconds,
  costMicros: 1,
});

describe("the bars of usage", () => {
  it("have a place for every day, oldest first, whatever comes in", () => {
    const days = everyDay([day("2026-03-30", 1, 0), day("2026-03-28", 2, 0)]);
    expect(days.map(({ day: name, runningSeconds }) => [name, runningSeconds])).toEqual([
      ["2026-03-28", 2],
      ["2026-03-29", 0],
      ["2026-03-30", 1],
    ]);
    expect(everyDay([])).toEqual([]);
  });

  it("are as high as what they stand for, paused upon running", () => {
    const { bars, yTicks } = layOutBars([day("2026-11-20", 6 * HOUR, 18 * HOUR)], 240);
    const [bar] = bars;
    const zero = yTicks[0]?.y ?? 0;
    expect(zero).toBe(240);
    const running = bar?.running ?? { y: 0, height: 0 };
    const paused = bar?.paused ?? { y: 0, height: 0 };
    expect(running.y + running.height).toBeCloseTo(zero);
    expect(paused.y + paused.height).toBeCloseTo(running.y);
    expect(paused.height / running.height).toBeCloseTo(3);
    expect(yTicks.map(({ label }) => label)).toEqual(["0 h", "6 h", "12 h", "18 h", "24 h"]);
  });

  it("stay within their width, of one day as of a year", () => {
    for (const count of [1, 31, 366]) {
      const days = Array.from({ length: count }, (_, index) =>
        day(new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10), HOUR, 0),
      );
      const { bars } = layOutBars(days, 160);
      expect(bars).toHaveLength(count);
      expect(bars[0]?.x).toBeGreaterThanOrEqual(-0.0001);
      const last = bars.at(-1);
      expect((last?.x ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(100.0001);
    }
  });

  it("measure short times in minutes, and nothing at all without falling over", () => {
    expect(layOutBars([day("2026-11-20", 90, 0)], 100).yTicks.at(-1)?.label).toMatch(/min$/);
    expect(layOutBars([day("2026-11-20", 0, 0)], 100).bars[0]?.running.height).toBe(0);
    expect(layOutBars([], 100).bars).toEqual([]);
  });
});
