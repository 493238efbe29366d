import { describe, expect, it } from "vitest";
import type { Route } from "./route.ts";
import { FRESH_MS, REVALIDATE_MS, RouteCache, STALE_IF_ERROR_MS } from "./route-cache.ts";

const route = (state: string): Route => ({
  instanceId: "cmp1",
  accountId: "acc_1",
  state,
  problem: null,
  provider: "fly",
  place: "app",
  machine: "m1",
});

/** A record store that counts look-ups and can be down, and a clock. */
function world(state = "running") {
  const it = {
    state: state as string | undefined,
    clock: 0,
    lookUps: 0,
    isDown: false,
    background: [] as Promise<unknown>[],
    deps: {
      lookUp: async () => {
        it.lookUps++;
        if (it.isDown) {
          throw new Error("down");
        }
        return it.state === undefined ? undefined : route(it.state);
      },
      now: () => it.clock,
      background: (work: Promise<unknown>) => {
        it.background.push(work);
      },
    },
  };
  return it;
}

describe("RouteCache", () => {
  it("serves a warm route without a look-up", async () => {
    const w = world();
    const cache = new RouteCache(10);
    await cache.find("a", w.deps);
    w.clock = FRESH_MS - 1;
    await cache.find("a", w.deps);
    expect(w.lookUps).toBe(1);
  });

  it("looks again in the background, then in the foreground: a deleted URL is dead within ten seconds", async () => {
    const w = world();
    const cache = new RouteCache(10);
    await cache.find("a", w.deps);
    w.state = undefined;
    w.clock = FRESH_MS;
    expect(await cache.find("a", w.deps)).toBeDefined();
    await Promise.all(w.background);
    expect(await cache.find("a", w.deps)).toBeUndefined();
    w.clock = REVALIDATE_MS;
    expect(await cache.find("a", w.deps)).toBeUndefined();
  });

  it("serves the last known route while look-ups fail, for an hour", async () => {
    const w = world();
    const cache = new RouteCache(10);
    await cache.find("a", w.deps);
    w.isDown = true;
    w.clock = STALE_IF_ERROR_MS - 1;
    expect(await cache.find("a", w.deps)).toEqual(route("running"));
    w.clock = STALE_IF_ERROR_MS;
    await expect(cache.find("a", w.deps)).rejects.toThrow("down");
  });

  it("asks once in the background, however many come meanwhile", async () => {
    const w = world();
    const cache = new RouteCache(10);
    await cache.find("a", w.deps);
    w.clock = FRESH_MS;
    await Promise.all(Array.from({ length: 100 }, () => cache.find("a", w.deps)));
    expect(w.lookUps).toBe(2);
  });

  it("lets nobody wait for a store that failed a moment ago, and asks again after it", async () => {
    const w = world();
    const cache = new RouteCache(10);
    await cache.find("a", w.deps);
    w.isDown = true;
    w.clock = REVALIDATE_MS;
    for (let request = 0; request < 100; request++) {
      expect(await cache.find("a", w.deps)).toBeDefined();
    }
    expect(w.lookUps).toBe(2);
    w.isDown = false;
    w.state = undefined;
    w.clock += 1_000;
    expect(await cache.find("a", w.deps)).toBeUndefined();
  });

  it("tells what is fresh without a promise", async () => {
    const w = world();
    const cache = new RouteCache(10);
    expect(cache.fresh("a", 0)).toBeUndefined();
    await cache.find("a", w.deps);
    expect(cache.fresh("a", FRESH_MS - 1)).toEqual(route("running"));
    expect(cache.fresh("a", FRESH_MS)).toBeUndefined();
  });

  it("never remembers that something is stopped", async () => {
    const w = world("stopped");
    const cache = new RouteCache(10);
    await cache.find("a", w.deps);
    w.state = "running";
    expect((await cache.find("a", w.deps))?.state).toBe("running");
  });

  it("is bounded", async () => {
    const w = world();
    const cache = new RouteCache(3);
    for (const name of ["a", "b", "c", "d", "e"]) {
      await cache.find(name, w.deps);
    }
    expect(cache.size).toBe(3);
  });
});
