import { expect, it } from "vitest";
import { computeMicros, monthStart } from "./spent.ts";

const RATE = { cpu: { shared: 1_000, performance: 30_000 }, memoryGb: 7_000 };
const HOUR = 3_600_000;
const spec = (cpuKind: "shared" | "performance", cpus: number, memoryMb: number) => ({
  cpuKind,
  cpus,
  memoryMb,
  volumeGb: 5,
});

it("adds CPUs and memory by the hour, in whole micro-dollars", () => {
  expect(computeMicros([], RATE)).toBe(0);
  expect(computeMicros([{ spec: spec("shared", 2, 2048), ms: HOUR }], RATE)).toBe(16_000);
  expect(
    computeMicros(
      [
        { spec: spec("performance", 1, 2048), ms: HOUR / 2 },
        { spec: spec("shared", 1, 256), ms: 1_000 },
      ],
      RATE,
    ),
  ).toBe(22_001);
});

it.each([
  ["2026-11-20T12:34:56.789Z", "2026-11-01T00:00:00.000Z"],
  ["2026-12-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
  ["2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ["2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00.000Z"],
])("%s is in the month from %s on", (now, start) => {
  expect(monthStart(Date.parse(now))).toBe(Date.parse(start));
});
