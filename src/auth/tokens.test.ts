import { describe, expect, it } from "vitest";
import { newTokenPlaintext } from "../ids.ts";
import { bearerToken, hashToken, tokenPrefix } from "./tokens.ts";

describe("tokens", () => {
  it.each([
    [undefined, false],
    ["", false],
    ["Bearer ", false],
    ["Bearer gn_live_short", false],
    [`Bearer gn_live_${"A".repeat(52)}`, false],
    [`Basic gn_live_${"a".repeat(52)}`, false],
    [`Bearer gn_live_${"a".repeat(53)}`, false],
    [`Bearer gn_live_${"a".repeat(52)} x`, false],
    [`Bearer gn_live_${"a".repeat(52)}`, true],
    [`bearer gn_live_${"7".repeat(52)}`, true],
  ])("%s is taken: %s", (header, taken) => {
    expect(bearerToken(header) !== undefined).toBe(taken);
  });

  it("makes tokens of the public form, each once", () => {
    const one = newTokenPlaintext();
    expect(bearerToken(`Bearer ${one}`)).toBe(one);
    expect(newTokenPlaintext()).not.toBe(one);
    expect(tokenPrefix(one)).toMatch(/^gn_live_[a-z2-7]{6}$/);
  });

  it("keeps a SHA-256", async () => {
    expect(await hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
