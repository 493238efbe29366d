import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeUsage, type UsagePeriod } from "./compute.ts";
import { DAY_MS, formatDay, parseDay } from "./day.ts";
import { flattenCards, RATE_CARDS } from "./rate-card.ts";

const MIDNIGHT = parseDay("2026-11-10");
const HOUR = 3_600_000;
const rates = flattenCards(RATE_CARDS);
const SPEC = { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 2 };

function aPeriod(over: Partial<UsagePeriod> = {}): UsagePeriod {
  return {
    instanceId: "cmp1",
    seq: 1,
    accountId: "acc_1",
    meter: "running",
    spec: SPEC,
    startedAt: MIDNIGHT,
    endedAt: null,
    provider: "fly",
    region: "iad",
    ...over,
  };
}

const compute = (periods: UsagePeriod[], asOf = MIDNIGHT + 10 * DAY_MS) =>
  computeUsage(periods, { asOf, rates });

describe("computeUsage", () => {
  it("splits a period at midnight UTC, to the millisecond", () => {
    const rows = compute([aPeriod({ startedAt: MIDNIGHT + DAY_MS - 1, endedAt: MIDNIGHT + 2 * DAY_MS + 1 })]);
    expect(rows.map(({ day, runningMs }) => [formatDay(day), runningMs])).toEqual([
      ["2026-11-10", 1],
      ["2026-11-11", DAY_MS],
      ["2026-11-12", 1],
    ]);
  });

  it("counts an open period up to now, and one from the future not yet", () => {
    expect(compute([aPeriod()], MIDNIGHT + HOUR)).toMatchObject([
      { runningMs: HOUR, countedTo: MIDNIGHT + HOUR },
    ]);
    expect(compute([aPeriod({ startedAt: MIDNIGHT + 2 })], MIDNIGHT + 1)).toEqual([]);
  });

  it("counts the volume whenever there is one, and the machine only while it is started", () => {
    const [row] = compute([
      aPeriod({ endedAt: MIDNIGHT + HOUR }),
      aPeriod({ seq: 2, meter: "paused", startedAt: MIDNIGHT + HOUR, endedAt: MIDNIGHT + 3 * HOUR }),
    ]);
    expect(row).toMatchObject({ runningMs: HOUR, pausedMs: 2 * HOUR, volumeGbMs: 6 * HOUR });
    expect(row?.costMicros).toBe(Math.round(3600 * 0.75 + 6 * 3600 * 0.05787));
  });

  it("adds up exactly before it rounds, once per row", () => {
    const slivers = Array.from({ length: 1000 }, (_, index) =>
      aPeriod({ seq: index + 1, startedAt: MIDNIGHT + index, endedAt: MIDNIGHT + index + 1 }),
    );
    const [row] = compute(slivers);
    expect(row?.costMicros).toBe(Math.round(0.75 + 2 * 0.05787));
  });

  it("has whole numbers for a year of the largest machine", () => {
    const spec = { cpuKind: "performance", cpus: 16, memoryMb: 131_072, volumeGb: 500 };
    const rows = compute([aPeriod({ spec, region: "gru" })], MIDNIGHT + 365 * DAY_MS);
    expect(rows).toHaveLength(365);
    expect(rows.every(({ costMicros }) => Number.isSafeInteger(costMicros))).toBe(true);
  });

  it("prices a vendor without a card at nothing rather than with another's prices", () => {
    expect(compute([aPeriod({ provider: "other" })])[0]).toMatchObject({ costMicros: 0, rateCard: "" });
  });

  it("lesson 1: a period whose close was lost ends where the next one begins", () => {
    const rows = compute([aPeriod(), aPeriod({ seq: 2, meter: "none", startedAt: MIDNIGHT + HOUR })]);
    expect(rows).toMatchObject([{ runningMs: HOUR }]);
  });

  it("sums to the overlaps of its periods, whatever the history and the order it is read in", () => {
    const piece = fc.record({
      ms: fc.integer({ min: 0, max: 3 * DAY_MS }),
      meter: fc.constantFrom("running", "paused", "none"),
      accountId: fc.constantFrom("acc_1", "acc_2"),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), fc.integer(), (pieces, isOpen, seed) => {
        let at = MIDNIGHT;
        const periods = pieces.map(({ ms, meter, accountId }, index) => {
          const startedAt = at;
          at += ms;
          const endedAt = isOpen && index === pieces.length - 1 ? null : at;
          return aPeriod({ seq: index + 1, meter, accountId, startedAt, endedAt });
        });
        const asOf = MIDNIGHT + 20 * DAY_MS;
        const rows = compute(periods, asOf);
        for (const meter of ["running", "paused"] as const) {
          const overlaps = periods
            .filter((period) => period.meter === meter)
            .map((period) => Math.min(period.endedAt ?? asOf, asOf) - Math.min(period.startedAt, asOf));
          const days = rows.map((row) => row[meter === "running" ? "runningMs" : "pausedMs"]);
          expect(sum(days)).toBe(sum(overlaps));
        }
        expect(rows.every(({ runningMs, pausedMs }) => runningMs + pausedMs <= DAY_MS)).toBe(true);
        const mixed = periods.toSorted((a, b) => ((a.seq * 31 + seed) % 7) - ((b.seq * 31 + seed) % 7));
        expect(byKey(compute(mixed, asOf))).toEqual(byKey(rows));
      }),
    );
  });
});

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
const byKey = (rows: ReturnType<typeof compute>) =>
  Object.fromEntries(rows.map((row) => [`${row.day} ${row.accountId}`, row]));
