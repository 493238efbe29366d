import { describe, expect, it } from "vitest";
import { FRESH_MS, Memory, REVALIDATE_MS, STALE_IF_ERROR_MS } from "./memory.ts";
import type { Route } from "./route.ts";

const route = (state: string): Route => ({
  instanceId: "cmp1",
  accountId: "acc_1",
  state,
  problem: null,
  provider: "fly",
  place: "app",
  machine: "m1",
  access: "link",
  idles: false,
});

const routes = (capacity: number) => new Memory<Route>(capacity, ({ state }) => state === "running");

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

describe("Memory", () => {
  it("serves a warm route without a look-up", async () => {
    const w = world();
    const cache = routes(10);
    await cache.find("a", w.deps);
    w.clock = FRESH_MS - 1;
    await cache.find("a", w.deps);
    expect(w.lookUps).toBe(1);
  });

  it("looks again in the background, then in the foreground: a deleted URL is dead within ten seconds", async () => {
    const w = world();
    const cache = routes(10);
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
    const cache = routes(10);
    await cache.find("a", w.deps);
    w.isDown = true;
    w.clock = STALE_IF_ERROR_MS - 1;
    expect(await cache.find("a", w.deps)).toEqual(route("running"));
    w.clock = STALE_IF_ERROR_MS;
    await expect(cache.find("a", w.deps)).rejects.toThrow("down");
  });

  it("does not make requests wait for look-ups that fail, and is right again ten seconds after they work", async () => {
    const w = world();
    const cache = routes(10);
    await cache.find("a", w.deps);
    w.isDown = true;
    w.clock = REVALIDATE_MS;
    await cache.find("a", w.deps);
    expect(w.lookUps).toBe(2);
    for (w.clock += 1; w.clock < REVALIDATE_MS + FRESH_MS; w.clock += 500) {
      await cache.find("a", w.deps);
    }
    expect(w.lookUps).toBe(2);
    w.isDown = false;
    w.state = undefined;
    w.clock = 2 * REVALIDATE_MS;
    expect(await cache.find("a", w.deps)).toBeUndefined();
  });

  it("asks once in the background, however many come meanwhile", async () => {
    const w = world();
    const cache = routes(10);
    await cache.find("a", w.deps);
    w.clock = FRESH_MS;
    await Promise.all(Array.from({ length: 100 }, () => cache.find("a", w.deps)));
    expect(w.lookUps).toBe(2);
  });

  it("tells what is fresh without a promise", async () => {
    const w = world();
    const cache = routes(10);
    expect(cache.fresh("a", 0)).toBeUndefined();
    await cache.find("a", w.deps);
    expect(cache.fresh("a", FRESH_MS - 1)).toEqual(route("running"));
    expect(cache.fresh("a", FRESH_MS)).toBeUndefined();
    w.clock = 1;
    cache.doubt("a");
    expect(cache.fresh("a", 1)).toBeUndefined();
  });

  it("is not held back by a look-up in the background that hangs", async () => {
    const w = world();
    const cache = routes(10);
    await cache.find("a", w.deps);
    const { lookUp } = w.deps;
    w.deps.lookUp = () => new Promise(() => {});
    w.clock = FRESH_MS;
    expect(await cache.find("a", w.deps)).toBeDefined();
    w.deps.lookUp = lookUp;
    w.state = undefined;
    w.clock = REVALIDATE_MS;
    expect(await cache.find("a", w.deps)).toBeUndefined();
  });

  it("looks a doubted one up at once, and keeps it where that fails", async () => {
    const w = world();
    const cache = routes(10);
    await cache.find("a", w.deps);
    w.isDown = true;
    cache.doubt("a");
    expect(await cache.find("a", w.deps)).toEqual(route("running"));
    w.isDown = false;
    w.state = undefined;
    cache.doubt("a");
    expect(await cache.find("a", w.deps)).toBeUndefined();
  });

  it("counts from when it was asked, not from when the answer came", async () => {
    const w = world();
    const cache = routes(10);
    const { lookUp } = w.deps;
    w.deps.lookUp = async () => {
      const found = await lookUp();
      w.clock += 2_000;
      return found;
    };
    await cache.find("a", w.deps);
    w.state = undefined;
    w.clock = REVALIDATE_MS;
    expect(await cache.find("a", w.deps)).toBeUndefined();
  });

  it("never remembers that something is stopped", async () => {
    const w = world("stopped");
    const cache = routes(10);
    await cache.find("a", w.deps);
    w.state = "running";
    expect((await cache.find("a", w.deps))?.state).toBe("running");
  });

  it("is bounded", async () => {
    const w = world();
    const cache = routes(3);
    for (const name of ["a", "b", "c", "d", "e"]) {
      await cache.find(name, w.deps);
    }
    expect(cache.size).toBe(3);
  });
});
