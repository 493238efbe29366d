import { expect, it } from "vitest";
import { findRates, flattenCards, machineRate, RATE_CARDS, type RateCard } from "../../usage/rate-card.ts";
import { computeMicros, monthStart } from "./spent.ts";

const RATES = flattenCards(RATE_CARDS);
const HOUR = 3_600_000;
const spec = { cpuKind: "shared" as const, cpus: 2, memoryMb: 2048, volumeGb: 5 };

it("prices running time as the usage does: the machine by its region's rate, no volume", () => {
  const where = { provider: "fly", region: "iad", day: 0, spec, meter: "running" };
  const rate = findRates(RATES, where);
  expect(rate).toBeDefined();
  const hourly = rate && (machineRate(rate, spec) * HOUR) / 1e9;
  expect(computeMicros([{ ...where, ms: HOUR }], RATES, 0)).toBe(Math.round(hourly ?? 0));
  expect(computeMicros([], RATES, 0)).toBe(0);
});

it("adds up before it rounds, and knows no price of a provider without a card", () => {
  const row = { provider: "fly", region: "iad", spec, meter: "running", ms: 1 };
  const whole = computeMicros([{ ...row, ms: 1_000_000 }], RATES, 0);
  expect(
    computeMicros(
      Array.from({ length: 1_000_000 / 100 }, () => ({ ...row, ms: 100 })),
      RATES,
      0,
    ),
  ).toBe(whole);
  expect(computeMicros([{ ...row, provider: "nobody" }], RATES, 0)).toBe(0);
});

it("counts a machine that is down only where the vendor does", () => {
  const [card] = RATE_CARDS as [RateCard];
  const row = { provider: "fly", region: "iad", spec, meter: "paused", ms: HOUR };
  expect(computeMicros([row], RATES, 0)).toBe(0);
  const always = flattenCards([{ ...card, billsWhileOff: true }]);
  expect(computeMicros([row], always, 0)).toBe(computeMicros([{ ...row, meter: "running" }], RATES, 0));
});

it.each([
  ["2026-11-20T12:34:56.789Z", "2026-11-01T00:00:00.000Z"],
  ["2026-12-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
  ["2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ["2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00.000Z"],
])("%s is in the month from %s on", (now, start) => {
  expect(monthStart(Date.parse(now))).toBe(Date.parse(start));
});
