import { describe, expect, it } from "vitest";
import { LINK_PARAMETER, linkEnd, signLink } from "./link.ts";
import { sign } from "./signing.ts";

const config = {
  edgeKeys: [{ id: "k1", seed: new Uint8Array(32).fill(7) }],
  publicOrigin: new URL("https://gentity.ai"),
  baseDomain: "gentity.ai",
};
const target = { instanceId: "cmp1", subdomain: "cl-a" };
const NOW = 1_700_000_000_000;
const ENDS = NOW + 60_000;

async function proofFor(over: Partial<typeof target> = {}, ring = config.edgeKeys): Promise<string> {
  const made = { ...config, edgeKeys: ring };
  const url = await signLink(made, { ...target, ...over }, { now: NOW, expiresAt: ENDS });
  return new URL(url ?? "").searchParams.get(LINK_PARAMETER) ?? "";
}
const endOf = (proof: string, now = NOW, at = target, ring = config.edgeKeys) =>
  linkEnd({ ...config, edgeKeys: ring }, at, { proof, now });

describe("a signed link", () => {
  it("is the instance's URL, and counts until it ends, to the second", async () => {
    expect(await signLink(config, target, { now: NOW, expiresAt: ENDS })).toMatch(
      /^https:\/\/cl-a\.gentity\.ai\/\?gentity_link=[\w-]+\.[\w-]+\.[\w-]+$/,
    );
    const proof = await proofFor();
    expect(await endOf(proof)).toBe(ENDS);
    expect(await endOf(proof, ENDS - 1)).toBe(ENDS);
    expect(await endOf(proof, ENDS)).toBeUndefined();
  });

  it("opens nothing but its instance under its name", async () => {
    const proof = await proofFor();
    expect(await endOf(proof, NOW, { ...target, subdomain: "cl-b" })).toBeUndefined();
    expect(await endOf(proof, NOW, { ...target, instanceId: "cmp2" })).toBeUndefined();
  });

  it("counts with any key of the ring, and with no other", async () => {
    const proof = await proofFor();
    const other = { id: "k2", seed: new Uint8Array(32).fill(8) };
    expect(await endOf(proof, NOW, target, [other, ...config.edgeKeys])).toBe(ENDS);
    expect(await endOf(proof, NOW, target, [other])).toBeUndefined();
    expect(await endOf(proof, NOW, target, [{ id: "k1", seed: new Uint8Array(32).fill(9) }])).toBeUndefined();
  });

  it("cannot be made of what an agent is handed, of rubbish, or without a key", async () => {
    const claims = { iss: "https://gentity.ai", aud: "https://cl-a.gentity.ai", sub: "cmp1" };
    const times = { iat: NOW / 1000, exp: ENDS / 1000 };
    const assertion = await sign(config.edgeKeys, "gentity-assertion+jwt", { ...claims, ...times });
    expect(await endOf(assertion ?? "")).toBeUndefined();
    for (const rubbish of ["", "a", "a.b.c", "..", `${await proofFor()}x`]) {
      expect(await endOf(rubbish)).toBeUndefined();
    }
    const keyless = { ...config, edgeKeys: [] };
    expect(await signLink(keyless, target, { now: NOW, expiresAt: ENDS })).toBeUndefined();
  });
});
