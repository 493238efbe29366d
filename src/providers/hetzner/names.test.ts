import { describe, expect, it } from "vitest";
import { instanceOfName, isLabelValue, isNameable, isOurs, labelsOf, nameOf } from "./names.ts";

const target = (instanceId: string, accountId = "acc_01j8") => ({ instanceId, accountId });

describe("names at Hetzner", () => {
  it("lead back to their instance, in their own deployment only", () => {
    expect(instanceOfName(nameOf("cmp1"))).toBe("cmp1");
    expect(instanceOfName(nameOf("cmp1", "gentity-staging"))).toBeUndefined();
    expect(instanceOfName(nameOf("cmp1", "gentity-staging"), "gentity-staging")).toBe("cmp1");
    expect(instanceOfName("gentity-")).toBeUndefined();
    expect(instanceOfName("web-1")).toBeUndefined();
  });

  it("are host names, and accounts are labels", () => {
    expect(isNameable(target("cmp01j8zz"))).toBe(true);
    expect(isNameable(target("a".repeat(55)))).toBe(true);
    for (const id of ["", "Cmp1", "cmp-1", "a".repeat(56)]) expect(isNameable(target(id))).toBe(false);
    for (const account of ["", "acc_", "a b", "a".repeat(64)]) {
      expect(isNameable(target("cmp1", account))).toBe(false);
    }
    expect(isLabelValue("a".repeat(63))).toBe(true);
    expect(isLabelValue("a")).toBe(true);
  });

  it("do not make ours what has not our labels", () => {
    expect(isOurs(labelsOf(target("cmp1")), "cmp1")).toBe(true);
    expect(isOurs(labelsOf(target("cmp2")), "cmp1")).toBe(false);
    expect(isOurs({ gentity_instance: "cmp1" }, "cmp1")).toBe(false);
  });
});
