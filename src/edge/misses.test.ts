import { describe, expect, it } from "vitest";
import { networkOf } from "./misses.ts";

describe("networkOf", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:0000::/56"],
    ["2001:db8:1:2::9", "2001:db8:1:0000::/56"],
    ["2001:db8:1:ab12::9", "2001:db8:1:ab00::/56"],
    ["2001:db8:1:b12::9", "2001:db8:1:0b00::/56"],
    ["2001:db8::1", "2001:db8:0:0000::/56"],
    ["2001:db8:1::", "2001:db8:1:0000::/56"],
    ["::1", "0:0:0:0000::/56"],
    ["::ffff:203.0.113.7", "::ffff:203.0.113.7"],
  ])("%s counts as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
