import { describe, expect, it } from "vitest";
import {
  HETZNER_LOCATIONS,
  isLocation,
  locationsNear,
  PRICE_SOURCE,
  SERVER_TYPES,
  serverTypeFor,
  serverTypesFor,
  volumeSizeOf,
} from "./catalog.ts";

const spec = (cpuKind: "shared" | "performance", cpus: number, memoryMb: number) => ({
  cpuKind,
  cpus,
  memoryMb,
  volumeGb: 1,
});

describe("what a spec becomes", () => {
  it.each([
    [spec("shared", 1, 256), "nbg1", "cx23"],
    [spec("shared", 2, 4096), "fsn1", "cx23"],
    [spec("shared", 2, 4097), "hel1", "cx33"],
    [spec("shared", 3, 1024), "hel1", "cx33"],
    [spec("shared", 1, 256), "ash", "cpx11"],
    [spec("shared", 2, 4096), "hil", "cpx21"],
    [spec("shared", 2, 2048), "sin", "cpx22"],
    [spec("performance", 1, 2048), "nbg1", "ccx13"],
    [spec("performance", 4, 8192), "sin", "ccx23"],
  ])("%j in %s is a %s", (wanted, location, name) => {
    expect(serverTypeFor(wanted, location)?.name).toBe(name);
  });

  it("is nothing where nothing is big enough, or where there is no such place", () => {
    expect(serverTypeFor(spec("shared", 64, 1024), "nbg1")).toBeUndefined();
    expect(serverTypeFor(spec("performance", 2, 1_000_000), "nbg1")).toBeUndefined();
    expect(serverTypeFor(spec("shared", 1, 256), "iad")).toBeUndefined();
    expect(serverTypeFor(spec("shared", 1, 256), "constructor")).toBeUndefined();
  });

  it("has what is asked for, in every place, and the next ones cost more", () => {
    for (const location of Object.keys(HETZNER_LOCATIONS)) {
      for (const wanted of [spec("shared", 2, 4096), spec("performance", 2, 8192)]) {
        const types = serverTypesFor(wanted, location);
        expect(types.length).toBeGreaterThan(1);
        for (const type of types) {
          expect(type.cpuKind).toBe(wanted.cpuKind);
          expect(type.cpus).toBeGreaterThanOrEqual(wanted.cpus);
          expect(type.memoryMb).toBeGreaterThanOrEqual(wanted.memoryMb);
        }
        const prices = types.flatMap(({ hourly }) => hourly.eurMicros ?? []);
        expect(prices).toEqual([...prices].sort((a, b) => a - b));
      }
    }
  });

  it("is a volume of at least ten", () => {
    expect([0.5, 1, 10, 10.5, 11].map((volumeGb) => volumeSizeOf({ volumeGb }))).toEqual([
      10, 10, 10, 11, 11,
    ]);
  });
});

describe("where", () => {
  it("is the wanted place first, and then only its own zone", () => {
    expect(locationsNear("hel1")).toEqual(["hel1", "fsn1", "nbg1"]);
    expect(locationsNear("ash")).toEqual(["ash"]);
    expect(isLocation("nbg1")).toBe(true);
    expect(isLocation("toString")).toBe(false);
    expect(Object.keys(SERVER_TYPES)).toEqual(Object.keys(HETZNER_LOCATIONS));
  });

  it("is billed while it is off", () => {
    expect(PRICE_SOURCE.billsWhileOff).toBe(true);
  });
});
