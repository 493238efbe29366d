import { expect, it } from "vitest";
import { proofHeaders } from "./edge-proof.ts";

const key = (id: string, fill: number) => ({ id, seed: new Uint8Array(32).fill(fill) });
const of = (instanceId: string, accountId: string, ring = [key("a", 1)]) =>
  proofHeaders(ring, { instanceId, accountId });

it("is the same name for the same instance and owner, and another for every other", async () => {
  const [name] = await of("cmp1", "acc_1");
  expect(name).toMatch(/^x-gentity-proof-[0-9a-f]{32}$/);
  expect(await of("cmp1", "acc_1")).toEqual([name]);
  const others = [
    await of("cmp2", "acc_1"),
    await of("cmp1", "acc_2"),
    await of("cmp1", "acc_1", [key("a", 2)]),
  ];
  expect(new Set([name, ...others.flat()]).size).toBe(4);
});

it("goes on being sent for a key that was put second, and is none without keys", async () => {
  const before = await of("cmp1", "acc_1");
  const rotated = await of("cmp1", "acc_1", [key("b", 2), key("a", 1)]);
  expect(rotated).toHaveLength(2);
  expect(rotated[1]).toBe(before[0]);
  expect(await of("cmp1", "acc_1", [])).toEqual([]);
});
