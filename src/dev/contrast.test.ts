import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const TOKENS = join(import.meta.dirname, "../dashboard/styles/parts/tokens.css");

/** The colors of one theme, by their names. */
function colors(theme: "light" | "dark"): Record<string, string> {
  const named = readFileSync(TOKENS, "utf8").matchAll(
    /--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g,
  );
  return Object.fromEntries(
    [...named].map(([, name, light, dark]) => [name, theme === "light" ? light : dark]),
  );
}

/** WCAG 2.2: relative luminance. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["ground", "raised", "over", "sunken"];
const TEXTS = ["ink", "quiet", "mark", "good", "warn", "bad", "sleep"];

describe.each(["light", "dark"] as const)("the colors of the %s theme", (theme) => {
  const of = colors(theme);
  const between = (one: string, other: string) => contrast(of[one] ?? "", of[other] ?? "");

  it.each(TEXTS)("--%s can be read on every ground", (text) => {
    for (const ground of GROUNDS) expect(between(text, ground), ground).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["mark", "good", "warn", "bad", "sleep"])(
    "--%s can be read on the ground of its meaning",
    (text) => {
      expect(between(text, `${text}-ground`)).toBeGreaterThanOrEqual(4.5);
      for (const plain of ["ink", "quiet"]) {
        expect(between(plain, `${text}-ground`), plain).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it("buttons can be read, and controls be seen", () => {
    expect(between("on-mark", "mark")).toBeGreaterThanOrEqual(4.5);
    expect(between("on-bad", "bad")).toBeGreaterThanOrEqual(4.5);
    for (const ground of ["ground", "raised"]) expect(between("rim", ground)).toBeGreaterThanOrEqual(3);
  });
});
