import { describe, expect, it } from "vitest";
import { REGIONS } from "../catalog/regions.ts";
import { parseDay } from "./day.ts";
import {
  currentCards,
  findRates,
  flattenCards,
  machineRate,
  RATE_CARDS,
  type RateCard,
} from "./rate-card.ts";

const rates = flattenCards(RATE_CARDS);
const SPEC = { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 1 };
const today = parseDay("2026-11-20");
const fly = (region: string) => findRates(rates, { provider: "fly", region, day: today, spec: SPEC });

describe("Fly's card", () => {
  /** From the vendor's own table of presets, in dollars a second. */
  it.each([
    ["iad", "shared", 1, 256, 0.00000075],
    ["iad", "shared", 8, 16_384, 0.00003302],
    ["iad", "performance", 1, 2048, 0.00001196],
    ["iad", "performance", 16, 131_072, 0.00037664],
    ["ams", "performance", 16, 131_072, 0.00039113],
    ["bom", "performance", 16, 131_072, 0.00040561],
    ["yyz", "performance", 16, 131_072, 0.0004201],
    ["lhr", "performance", 16, 131_072, 0.00042734],
    ["fra", "performance", 16, 131_072, 0.00043458],
    ["sjc", "shared", 1, 1024, 0.00000262],
    ["lax", "performance", 16, 131_072, 0.00045179],
    ["ord", "performance", 16, 131_072, 0.0004708],
    ["syd", "performance", 16, 131_072, 0.00047804],
    ["jnb", "performance", 16, 131_072, 0.00049072],
    ["nrt", "performance", 16, 131_072, 0.00049253],
    ["gru", "performance", 16, 131_072, 0.00060842],
  ])("in %s charges %s-%ix with %i MB $%f a second", (region, cpuKind, cpus, memoryMb, dollars) => {
    const found = fly(region);
    expect(found).toBeDefined();
    const rate = found && machineRate(found, { cpuKind, cpus, memoryMb, volumeGb: 1 }) / 1e12;
    expect(rate).toBeCloseTo(dollars, 8);
  });

  it("knows every region that is offered, and takes the base price for one that it does not", () => {
    expect(REGIONS.filter((region) => fly(region)?.region !== region)).toEqual([]);
    expect(fly("xyz")).toMatchObject({ region: "*", sharedCpu: fly("iad")?.sharedCpu });
  });

  it("says where its prices are from, and what is not sure", () => {
    for (const card of RATE_CARDS) {
      expect(card).toMatchObject({ source: expect.stringMatching(/^https:/), retrieved: expect.any(String) });
      expect(card.doubtful.length).toBeGreaterThan(0);
    }
  });
});

describe("Hetzner's card", () => {
  const priced = (region: string, spec: typeof SPEC) => {
    const found = findRates(rates, { provider: "hetzner", region, day: today, spec });
    return found && { hourly: (machineRate(found, spec) * 3600) / 1e12, whileOff: found.billsWhileOff };
  };

  it("prices a server whole, in dollars with its address, and counts it while it is off", () => {
    // $0.0368 an hour and €0.50 a month.
    const small = priced("fsn1", { cpuKind: "shared", cpus: 2, memoryMb: 4096, volumeGb: 10 });
    expect(small?.hourly).toBeCloseTo(0.0368 + (0.5 * 1.19) / 720, 5);
    expect(small?.whileOff).toBe(true);
  });

  it("has some price for a size that no source prices", () => {
    expect(
      priced("ash", { cpuKind: "performance", cpus: 48, memoryMb: 196_608, volumeGb: 10 })?.hourly,
    ).toBeGreaterThan(1);
  });
});

describe("a machine that is sold whole", () => {
  const [card] = RATE_CARDS as [RateCard];
  const machine = { region: "iad", cpuKind: "shared", cpus: 1, memoryMb: 256, price: 42 };
  const whole = flattenCards([{ ...card, machines: [machine] }]);
  const priceOf = (region: string, memoryMb: number) => {
    const spec = { ...SPEC, memoryMb };
    const found = findRates(whole, { provider: "fly", region, day: today, spec });
    return found && machineRate(found, spec);
  };

  it("has its own price in its region and size, and no other has", () => {
    expect(priceOf("iad", 256)).toBe(42);
    expect(priceOf("iad", 512)).not.toBe(42);
    expect(priceOf("ams", 256)).not.toBe(42);
  });
});

describe("a newer card", () => {
  const [old] = RATE_CARDS as [RateCard];
  const newer = { ...old, version: "newer", effectiveFrom: "2027-01-01", base: { ...old.base, volumeGb: 1 } };
  const both = flattenCards([newer, old]);

  it("prices the days from its first one on, and leaves those before alone", () => {
    const on = (day: string) =>
      findRates(both, { provider: "fly", region: "iad", day: parseDay(day), spec: SPEC })?.version;
    expect([on("2026-12-31"), on("2027-01-01")]).toEqual([old.version, "newer"]);
    expect(currentCards(parseDay("2026-12-31"), [newer, old])).toEqual([old]);
  });
});
