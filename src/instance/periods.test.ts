import { describe, expect, it } from "vitest";
import { changeTime, nextPeriod } from "./periods.ts";
import type { Period } from "./record.ts";

const open: Period = {
  seq: 3,
  accountId: "acc_1",
  state: "running",
  meter: "running",
  spec: { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 1 },
  startedAt: 1000,
  endedAt: null,
  generation: 1,
  reason: "the machine runs",
  actor: "system:provisioning",
};

describe("changeTime", () => {
  it.each([
    ["the vendor's word inside the open period", 1500, 1500],
    ["never before the open period began", 500, 1000],
    ["never in the future", 9999, 2000],
    ["now, when the vendor says nothing", undefined, 2000],
  ])("%s", (_, vendorTime, expected) => {
    expect(changeTime(open, vendorTime, 2000)).toBe(expected);
  });
});

describe("nextPeriod", () => {
  it("splits a state when its meter changes", () => {
    expect(nextPeriod(open, { ...open, meter: "paused", startedAt: 2000 })).toMatchObject({
      seq: 4,
      endedAt: null,
      meter: "paused",
    });
  });

  it("splits a state when the instance becomes somebody else's", () => {
    expect(nextPeriod(open, { ...open, accountId: "acc_2", startedAt: 2000 })).toMatchObject({
      seq: 4,
      accountId: "acc_2",
      state: "running",
    });
  });

  it("goes on in the same period when neither state nor meter changed", () => {
    expect(nextPeriod(open, { ...open, startedAt: 2000, reason: "again" })).toBeUndefined();
  });
});
