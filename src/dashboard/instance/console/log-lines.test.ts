import { expect, it } from "vitest";
import { shorten, since, toShownLine, toTextLine } from "./log-lines.ts";
import { passes, type ShownLine } from "./shown-line.ts";

const line = (over: Partial<ShownLine> = {}): ShownLine => ({
  at: 10_000,
  level: "info",
  text: "hello",
  ...over,
});
const fromVendor = (message: string, level = "info", timestamp = "2026-11-21T09:24:05.123456789Z") =>
  toShownLine({ message, level, timestamp, instance: "m", region: "iad" });

it("takes a vendor's line without what would act on its reader", () => {
  expect(fromVendor(`${String.fromCharCode(27)}[31mred\n`, "WARNING")).toEqual({
    at: Date.UTC(2026, 10, 21, 9, 24, 5, 123),
    level: "warn",
    text: "red",
  });
  expect(fromVendor("x", "shout", "yesterday")).toMatchObject({ at: 0, level: "info" });
  expect(fromVendor("x", "fatal").level).toBe("error");
});

it("filters by a level and those above, and by text in any case", () => {
  expect(passes(line(), { level: "info", text: "" })).toBe(true);
  expect(passes(line(), { level: "warn", text: "" })).toBe(false);
  expect(passes(line({ level: "error" }), { level: "warn", text: "" })).toBe(true);
  expect(passes(line({ text: "Hello You" }), { level: "info", text: "hELLO y" })).toBe(true);
  expect(passes(line(), { level: "info", text: "(" })).toBe(false);
});

it("cuts what is too long to be read, and says so", () => {
  expect(shorten(line())).toEqual(line());
  expect(shorten(line({ text: "x".repeat(5_000) })).text).toMatch(/x … \(1000 characters more\)$/);
});

it("sends on from where somebody was, and says when something may be missing", () => {
  const lines = [line({ at: 10_000 }), line({ at: 20_000 }), line({ at: 30_000 })];
  expect(since(lines, undefined)).toEqual({ lines, gap: false });
  expect(since(lines, 20_000)).toEqual({ lines: lines.slice(1), gap: false });
  expect(since(lines, 21_000).lines).toEqual(lines.slice(1));
  expect(since(lines, 40_000)).toEqual({ lines: [], gap: false });
  expect(since(lines, 9_000)).toEqual({ lines, gap: true });
  expect(since([], 9_000)).toEqual({ lines: [], gap: false });
});

it("writes a file in which every line is told from the next", () => {
  expect(toTextLine(line({ at: 0, text: "a\nb" }))).toBe("- info  a\n    b\n");
});
