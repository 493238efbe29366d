import fc from "fast-check";
import { expect, it } from "vitest";
import type { MeteredPeriod, Usage } from "../../../src/sdk/types.ts";
import { verifyUsage } from "../../../src/sdk/verify-usage.ts";
import { computeUsage, endOf, type UsagePeriod } from "../../../src/usage/compute.ts";
import { formatDay } from "../../../src/usage/day.ts";
import { chaos, DAY, HOUR, MIDNIGHT } from "../usage/ledger.ts";

const iso = (ms: number) => new Date(ms).toISOString();

it("the client's arithmetic agrees with the server's, and misses no millisecond", () => {
  fc.assert(
    fc.property(chaos, fc.nat(), (history, pick) => {
      const asOf = MIDNIGHT + 6 * DAY + 5 * HOUR;
      const all = history.periods.map((period) => ({ ...period, instanceId: "cmp1" }));
      const own = all.filter(({ accountId }) => accountId === "acc_a");
      const rows = computeUsage(all, { asOf, rates: [] }).filter(({ accountId }) => accountId === "acc_a");
      const usage = rows.map(
        (row): Usage => ({
          day: formatDay(row.day),
          instanceId: "cmp1",
          name: null,
          runningSeconds: row.runningMs / 1000,
          pausedSeconds: row.pausedMs / 1000,
          volumeGbSeconds: row.volumeGbMs / 1000,
          costMicros: row.costMicros,
          estimated: true,
          final: true,
          countedTo: iso(row.countedTo),
          reopened: false,
        }),
      );
      const input = {
        periods: own.map((period) => toWire(period, all)),
        countedTo: iso(asOf),
        from: formatDay(MIDNIGHT),
        to: formatDay(asOf),
      };
      const { checks } = verifyUsage({ ...input, usage });
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(checks).toHaveLength(rows.length);
      const at = pick % Math.max(1, usage.length);
      const bent = usage.map((row, index) =>
        index === at ? { ...row, runningSeconds: row.runningSeconds + 0.001 } : row,
      );
      const differences = verifyUsage({ ...input, usage: bent }).checks.filter(({ ok }) => !ok);
      expect(differences.map(({ difference }) => difference.runningMs)).toEqual(usage.length > 0 ? [1] : []);
      const missing = verifyUsage({ ...input, usage: usage.filter((_, index) => index !== at) });
      expect(missing.checks.filter(({ ok }) => !ok)).toHaveLength(usage.length > 0 ? 1 : 0);
    }),
  );
});

function toWire(period: UsagePeriod, all: UsagePeriod[]): MeteredPeriod {
  const { instanceId, seq, meter, spec, startedAt, endedAt } = period;
  const superseded = endedAt === null ? endOf(period, all) : null;
  return {
    instanceId,
    seq,
    state: "running",
    meter,
    spec,
    startedAt: iso(startedAt),
    endedAt: endedAt === null ? null : iso(endedAt),
    supersededAt: superseded === null ? null : iso(superseded),
  };
}
