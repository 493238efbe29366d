import { describe, expect, it } from "vitest";
import { afterPosition, parseLine } from "./output-line.ts";

describe("a line of the engine's", () => {
  it.each([
    ["2026-11-20T01:02:03.000000004Z hello\r", "1795136523.000000004", "hello"],
    ["2026-11-20T01:02:03.5Z  two blanks", "1795136523.500000000", " two blanks"],
    ["2026-11-20T01:02:03Z", "1795136523.000000000", ""],
  ])("is taken apart: %s", (text, position, message) => {
    expect(parseLine(text)).toMatchObject({ position, message });
  });

  it("is nothing without its time", () => {
    expect(parseLine("hello")).toBeUndefined();
    expect(parseLine("")).toBeUndefined();
  });

  it("sorts by its position as it came", () => {
    const times = ["03.9", "03.10", "04", "03.000000001"].map((time) => `2026-11-20T01:02:${time}Z x`);
    const positions = times.map((text) => parseLine(text)?.position ?? "");
    expect(positions.toSorted()).toEqual([3, 1, 0, 2].map((index) => positions[index]));
  });

  it("is followed by the one after it", () => {
    expect(afterPosition(undefined)).toBe("0");
    expect(afterPosition("1795136523.000000004")).toBe("1795136523.000000005");
    expect(afterPosition("1795136523.999999999")).toBe("1795136524.000000000");
  });
});
