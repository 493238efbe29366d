import { describe, expect, it } from "vitest";
import { aRecord } from "./fixtures.ts";
import { firstStep, PLANS } from "./plan.ts";

const begins = (over: Parameters<typeof aRecord>[0]) => PLANS.start[firstStep("start", aRecord(over))];
const suspended = { machine: "suspended", vendorState: "suspended" } as const;

describe("a start", () => {
  it("leaves the machine's settings alone where it has them", () => {
    expect(begins({})).toBe("start");
  });

  it("never runs another owner's settings, whatever the machine's memory is worth", () => {
    expect(begins({ pendingRecipe: "key" })).toBe("configure");
    expect(begins({ pendingRecipe: "key", observed: suspended })).toBe("configure");
  });

  it("gives a new address when it is a cold one", () => {
    expect(begins({ pendingRecipe: "address" })).toBe("configure");
    expect(begins({ pendingRecipe: "address", observed: suspended })).toBe("start");
  });
});
