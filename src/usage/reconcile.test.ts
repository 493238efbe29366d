import { describe, expect, it } from "vitest";
import { compareHoldings, type OwnHolding, type VendorHolding } from "./reconcile.ts";

const NOW = 1_000_000;
type Meter = OwnHolding["meter"];
const own = (meter: Meter, since = 0): OwnHolding => ({ instanceId: "cmp1", meter, state: "ours", since });
const vendor = (meter: Meter, over: Partial<VendorHolding> = {}): VendorHolding => {
  return { instanceId: "cmp1", meter, state: "theirs", isMoving: false, machines: 1, ...over };
};
const kinds = (theirs: VendorHolding[], ours: OwnHolding[]) =>
  compareHoldings(theirs, ours, { settledBefore: NOW }).map(({ kind }) => kind);

describe("lesson 10: our periods against the vendor's own list", () => {
  it.each<[ours: Meter, vendors: Meter, kinds: string[]]>([
    ["running", "running", []],
    ["running", "paused", ["counted_but_not_running"]],
    ["running", "none", ["counted_but_not_running"]],
    ["paused", "running", ["running_but_not_counted"]],
    ["paused", "paused", []],
    ["paused", "none", ["counted_but_no_volume"]],
    ["none", "running", ["running_but_not_counted"]],
    ["none", "paused", ["volume_but_not_counted"]],
    ["none", "none", []],
  ])("%s by ours and %s by theirs", (ours, vendors, expected) => {
    expect(kinds([vendor(vendors)], [own(ours)])).toEqual(expected);
  });

  it("finds what only one of the two knows of", () => {
    expect(kinds([vendor("running")], [])).toEqual(["running_but_not_counted"]);
    expect(kinds([], [own("running")])).toEqual(["counted_but_not_running"]);
    expect(kinds([], [own("none")])).toEqual([]);
  });

  it("leaves alone what has just changed, or is changing", () => {
    expect(kinds([], [own("running", NOW)])).toEqual([]);
    expect(kinds([vendor("paused", { isMoving: true })], [own("running")])).toEqual([]);
  });

  it("finds a second machine of an instance", () => {
    expect(kinds([vendor("running", { machines: 2 })], [own("running")])).toEqual(["several_machines"]);
  });
});
