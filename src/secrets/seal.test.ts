import { describe, expect, it } from "vitest";
import { seal, unseal } from "./seal.ts";

const key = (id: string, byte: number) => ({ id, key: new Uint8Array(32).fill(byte) });

describe("seal", () => {
  it("opens what it sealed, for the same context", async () => {
    const sealed = await seal([key("k1", 1)], "instance:cmp1:secrets", "sk-test");
    expect(await unseal([key("k1", 1)], "instance:cmp1:secrets", sealed)).toBe("sk-test");
    expect(sealed).not.toContain("sk-test");
  });

  it("never gives the same text twice", async () => {
    const ring = [key("k1", 1)];
    expect(await seal(ring, "a", "x")).not.toBe(await seal(ring, "a", "x"));
  });

  it("does not open in another row", async () => {
    const sealed = await seal([key("k1", 1)], "instance:cmp1:secrets", "sk-test");
    await expect(unseal([key("k1", 1)], "instance:cmp2:secrets", sealed)).rejects.toThrow("cannot be opened");
  });

  it("rotates: new texts use the first key, old ones still open", async () => {
    const old = await seal([key("k1", 1)], "a", "x");
    const ring = [key("k2", 2), key("k1", 1)];
    expect(await unseal(ring, "a", old)).toBe("x");
    const fresh = await seal(ring, "a", "y");
    await expect(unseal([key("k1", 1)], "a", fresh)).rejects.toThrow('"k2"');
  });

  it("says that no key is set instead of storing in the clear", async () => {
    await expect(seal([], "a", "x")).rejects.toThrow("SEALING_KEYS");
  });
});
