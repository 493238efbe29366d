import { expect, test } from "vitest";
import { plain, shortestUnique, truncate, widthOf } from "./text.ts";
import { age, duration } from "./time.ts";

test("text from elsewhere cannot steer the terminal", () => {
  expect(plain("a\x1b[31mred\x1b[0m\nb\x07")).toBe("ared b ");
});

test.each([
  ["abc", 3],
  ["日本", 4],
  ["👩", 2],
  ["e\u0301", 1],
  ["\x1b[31m●\x1b[39m running", 9],
])("%j is %i columns wide", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("cuts by columns, not by characters", () => {
  expect(truncate("日本語です", 5)).toBe("日本…");
  expect(truncate("short", 5)).toBe("short");
});

test("shows as much of an id as tells it from the others", () => {
  const ids = ["cmp01k5x3aaa", "cmp01k5x3bbb", "cmp9"];
  expect(shortestUnique("cmp01k5x3aaa", ids, 8)).toBe("cmp01k5x3a");
  expect(shortestUnique("cmp9", ids, 8)).toBe("cmp9");
});

test.each([
  [0, "0s", "0s"],
  [999, "0s", "0s"],
  [61_000, "1m 1s", "1m"],
  [3_600_000, "1h", "1h"],
  [90_061_000, "1d 1h", "1d"],
  [-5, "0s", "0s"],
])("%i ms are %s", (ms, long, short) => {
  expect(duration(ms)).toBe(long);
  expect(age(ms)).toBe(short);
});
