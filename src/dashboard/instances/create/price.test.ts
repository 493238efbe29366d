import { describe, expect, it } from "vitest";
import { hourMicros, type PlacePrices, priceWords, sizeWords } from "./price.ts";

const fly: PlacePrices = {
  offers: [[15_000, "1 shared CPU, 2 GB"], null],
  volumeGbMicros: 208.332,
  leastVolumeGb: 1,
  billsWhileOff: false,
};
const hetzner: PlacePrices = { ...fly, volumeGbMicros: 100, leastVolumeGb: 10, billsWhileOff: true };

describe("the price of a choice", () => {
  it("is of machine and volume, and of the volume alone while it is stopped", () => {
    expect(hourMicros(fly, 0, 5)).toBe(16_042);
    expect(priceWords(fly, 0, 5)).toBe(
      "est. $0.0160 an hour while it runs ($11.71 a month without a break), $0.0010 while it is stopped or suspended. The machine: 1 shared CPU, 2 GB.",
    );
  });

  it("is of no smaller volume than is made, and says what goes on costing", () => {
    expect(hourMicros(hetzner, 0, 1)).toBe(16_000);
    expect(priceWords(hetzner, 0, 1)).toContain("the same while it is stopped, until it is deleted");
  });

  it("says where there is no such size", () => {
    expect(hourMicros(fly, 1, 5)).toBeUndefined();
    expect(priceWords(fly, 1, 5)).toBe("There is no machine of this size there.");
    expect(hourMicros(fly, 7, 5)).toBeUndefined();
  });
});

describe("a size in words", () => {
  it.each([
    [{ cpuKind: "shared", cpus: 1, memoryMb: 256 }, "1 shared CPU, 256 MB"],
    [{ cpuKind: "performance", cpus: 2, memoryMb: 4096 }, "2 performance CPUs, 4 GB"],
  ])("%o", (size, words) => {
    expect(sizeWords(size)).toBe(words);
  });
});
