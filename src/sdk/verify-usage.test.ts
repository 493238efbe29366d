import { describe, expect, test } from "vitest";
import type { MeteredPeriod, Usage } from "./types.ts";
import { verifyUsage } from "./verify-usage.ts";

const SPEC = { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 2 };
const at = (time: string) => `2026-11-10T${time}Z`;

function aPeriod(over: Partial<MeteredPeriod> = {}): MeteredPeriod {
  const times = { startedAt: at("01:00:00.000"), endedAt: at("02:00:00.001"), supersededAt: null };
  return { instanceId: "cmp1", seq: 1, state: "running", meter: "running", spec: SPEC, ...times, ...over };
}

function aRow(over: Partial<Usage> = {}): Usage {
  return {
    day: "2026-11-10",
    instanceId: "cmp1",
    name: null,
    runningSeconds: 3600.001,
    pausedSeconds: 0,
    volumeGbSeconds: 7200.002,
    costMicros: 1,
    estimated: true,
    final: true,
    countedTo: "2026-11-11T00:00:00.000Z",
    reopened: false,
    ...over,
  };
}

const verify = (usage: Usage[], periods: MeteredPeriod[]) =>
  verifyUsage({
    usage,
    periods,
    countedTo: "2026-11-12T00:00:00.000Z",
    from: "2026-11-01",
    to: "2026-11-30",
  });

describe("verifyUsage", () => {
  test("matches to the millisecond, and tells one that does not by how much", () => {
    expect(verify([aRow()], [aPeriod()]).ok).toBe(true);
    const off = verify([aRow({ runningSeconds: 3600 })], [aPeriod()]);
    expect(off).toMatchObject({
      ok: false,
      checks: [{ ok: false, difference: { runningMs: -1, pausedMs: 0 } }],
    });
  });

  test("counts an open period as far as its row was counted", () => {
    const row = aRow({
      runningSeconds: 60,
      volumeGbSeconds: 120,
      countedTo: at("01:01:00.000"),
      final: false,
    });
    const open = {
      usage: [row],
      periods: [aPeriod({ endedAt: null })],
      from: "2026-11-01",
      to: "2026-11-30",
    };
    expect(verifyUsage({ ...open, countedTo: at("01:01:00.000") }).ok).toBe(true);
  });

  test("finds a day that has no row although there was usage", () => {
    const late = aPeriod({ endedAt: "2026-11-11T01:00:00.000Z" });
    const row = aRow({ runningSeconds: 23 * 3600, volumeGbSeconds: 46 * 3600 });
    expect(verify([row], [late]).checks).toMatchObject([
      { day: "2026-11-10", ok: true },
      { day: "2026-11-11", ok: false, difference: { runningMs: -3_600_000 } },
    ]);
  });

  test("finds a row that no period speaks for", () => {
    expect(verify([aRow()], [])).toMatchObject({
      ok: false,
      checks: [{ difference: { runningMs: 3_600_001 } }],
    });
  });

  test("lesson 1: finds periods that were never closed, and does not count past their successor", () => {
    const open = aPeriod({ endedAt: null, supersededAt: at("02:00:00.001") });
    const result = verify([aRow()], [open]);
    expect(result).toMatchObject({ ok: false, checks: [{ ok: true }], neverClosed: [{ seq: 1 }] });
  });
});
