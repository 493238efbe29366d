import { describe, expect, it } from "vitest";
import { Bearers } from "./bearers.ts";

/** Records that count look-ups and can be down, and a clock. */
function world() {
  const it = {
    account: "acc_1" as string | undefined,
    clock: 0,
    lookUps: 0,
    isDown: false,
    background: [] as Promise<unknown>[],
    deps: {
      lookUp: async () => {
        it.lookUps++;
        if (it.isDown) throw new Error("down");
        return it.account;
      },
      now: () => it.clock,
      background: (work: Promise<unknown>) => {
        it.background.push(work);
      },
    },
  };
  return it;
}

describe("Bearers", () => {
  it("look a good token up once in five seconds", async () => {
    const w = world();
    const bearers = new Bearers(10);
    for (w.clock = 0; w.clock < 5_000; w.clock += 999) {
      expect(await bearers.accountOf("h", w.deps)).toBe("acc_1");
    }
    expect(w.lookUps).toBe(1);
  });

  it("let a revoked one in no longer than ten seconds", async () => {
    const w = world();
    const bearers = new Bearers(10);
    await bearers.accountOf("h", w.deps);
    w.account = undefined;
    w.clock = 9_999;
    expect(await bearers.accountOf("h", w.deps)).toBe("acc_1");
    await Promise.all(w.background);
    expect(await bearers.accountOf("h", w.deps)).toBeUndefined();
    // Also where nobody asked between.
    w.account = "acc_1";
    await bearers.accountOf("h", w.deps);
    w.account = undefined;
    w.clock += 10_000;
    expect(await bearers.accountOf("h", w.deps)).toBeUndefined();
  });

  it("do not remember what is no token", async () => {
    const w = world();
    const bearers = new Bearers(10);
    w.account = undefined;
    expect(await bearers.accountOf("h", w.deps)).toBeUndefined();
    w.account = "acc_1";
    expect(await bearers.accountOf("h", w.deps)).toBe("acc_1");
  });

  it("go on with the last word for an hour while the records cannot be read, and then refuse", async () => {
    const w = world();
    const bearers = new Bearers(10);
    await bearers.accountOf("h", w.deps);
    w.isDown = true;
    w.clock = 60 * 60_000 - 1;
    expect(await bearers.accountOf("h", w.deps)).toBe("acc_1");
    w.clock = 60 * 60_000;
    await expect(bearers.accountOf("h", w.deps)).rejects.toThrow("down");
    await expect(bearers.accountOf("never seen", w.deps)).rejects.toThrow("down");
  });

  it("are bounded", async () => {
    const w = world();
    const bearers = new Bearers(3);
    for (const hash of ["a", "b", "c", "d", "e"]) await bearers.accountOf(hash, w.deps);
    expect(bearers.size).toBe(3);
  });
});
