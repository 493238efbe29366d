import { describe, expect, it } from "vitest";
import type { OwnHolding, VendorHolding } from "../../usage/reconcile.ts";
import { compareLists } from "./compare.ts";

const NOW = 100_000_000;
const MINUTE = 60_000;

const ours = (over: Partial<OwnHolding> = {}): OwnHolding => ({
  instanceId: "cmp1",
  state: "running",
  meter: "running",
  since: NOW - 60 * MINUTE,
  ...over,
});
const theirs = (over: Partial<VendorHolding> = {}): VendorHolding => ({
  instanceId: "cmp1",
  state: "started",
  meter: "running",
  isMoving: false,
  machines: 1,
  ...over,
});
const kinds = (vendors: VendorHolding[], own: OwnHolding[]) =>
  compareLists(vendors, own, NOW).map(({ kind }) => kind);

describe("comparing a vendor's list with the records", () => {
  it("finds nothing where they agree", () => {
    expect(kinds([theirs()], [ours()])).toEqual([]);
    expect(kinds([], [ours({ state: "deleted", meter: "none" })])).toEqual([]);
    expect(
      kinds([theirs({ meter: "paused", state: "stopped" })], [ours({ state: "stopped", meter: "paused" })]),
    ).toEqual([]);
  });

  it("finds what is left of a deleted instance, but not before its grace is over", () => {
    const deleted = (minutes: number) =>
      ours({ state: "deleted", meter: "none", since: NOW - minutes * MINUTE });
    expect(kinds([theirs()], [deleted(16)])).toEqual(["orphan"]);
    expect(kinds([theirs()], [deleted(14)])).toEqual([]);
  });

  it("calls what was never ours a stranger, which nobody destroys", () => {
    expect(kinds([theirs()], [])).toEqual(["stranger"]);
  });

  it.each(["running", "stopped", "suspended"])(
    "finds that the machine of one that is %s has vanished",
    (state) => {
      expect(kinds([], [ours({ state })])).toEqual(["vanished"]);
      expect(kinds([theirs({ machines: 0, meter: "paused" })], [ours({ state })])).toEqual(["vanished"]);
    },
  );

  it("finds a machine that runs where ours does not, and the reverse, unless it is on its way", () => {
    const stopped = ours({ state: "stopped", meter: "paused" });
    expect(kinds([theirs()], [stopped])).toEqual(["drifted"]);
    expect(kinds([theirs({ meter: "paused", state: "stopped" })], [ours()])).toEqual(["drifted"]);
    expect(kinds([theirs({ isMoving: true })], [stopped])).toEqual([]);
  });

  it("leaves alone what has just changed, for the two lists were not read at one moment", () => {
    expect(kinds([], [ours({ since: NOW - MINUTE })])).toEqual([]);
  });

  it("finds a transition that hangs beyond its deadline, and a deletion that takes too long", () => {
    const since = (state: string, minutes: number) => ours({ state, since: NOW - minutes * MINUTE });
    expect(kinds([], [since("creating", 16)])).toEqual([]);
    expect(kinds([], [since("creating", 18)])).toEqual(["stuck"]);
    expect(kinds([theirs()], [since("deleting", 31)])).toEqual([]);
    expect(kinds([theirs()], [since("deleting", 33)])).toEqual(["stuck"]);
  });
});
