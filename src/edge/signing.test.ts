import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { publicKeys } from "../auth/signing-keys.ts";
import { type Purpose, sign, verify } from "./signing.ts";

const key = (id: string, fill: number) => ({ id, seed: new Uint8Array(32).fill(fill) });
const ring = [key("new", 1), key("old", 2)];
const NOW = Date.UTC(2026, 0, 1);
const seconds = NOW / 1000;
const claims = {
  iss: "https://gentity.test",
  aud: "https://cl-x7k2m9q4.gentity.test",
  sub: "acc_1",
  iat: seconds,
  exp: seconds + 300,
};
const expected = { iss: claims.iss, aud: claims.aud, now: NOW };
const ASSERTION: Purpose = "gentity-assertion+jwt";
const signed = async (by = ring) => (await sign(by, ASSERTION, claims)) as string;

describe("a signed text", () => {
  it("says what was signed, by the first key, and anybody can check it with the published ones", async () => {
    const token = await signed();
    expect(await verify(ring, ASSERTION, token, expected)).toEqual(claims);
    const published = createLocalJWKSet({ keys: await publicKeys(ring) });
    const read = await jwtVerify(token, published, { audience: claims.aud, currentDate: new Date(NOW) });
    expect(read.protectedHeader).toEqual({ alg: "EdDSA", kid: "new", typ: ASSERTION });
  });

  it("holds while its key is in the ring, and no longer", async () => {
    const older = await signed(ring.slice(1));
    expect(await verify(ring, ASSERTION, older, expected)).toEqual(claims);
    expect(await verify(ring.slice(0, 1), ASSERTION, older, expected)).toBeUndefined();
    expect(await verify([key("new", 3)], ASSERTION, await signed(), expected)).toBeUndefined();
  });

  it("counts for one purpose, one audience and one issuer", async () => {
    const token = await signed();
    expect(await verify(ring, "gentity-link+jwt", token, expected)).toBeUndefined();
    expect(
      await verify(ring, ASSERTION, token, { ...expected, aud: "https://x.gentity.test" }),
    ).toBeUndefined();
    expect(
      await verify(ring, ASSERTION, token, { ...expected, iss: "https://x.gentity.test" }),
    ).toBeUndefined();
  });

  it("ends", async () => {
    const token = await signed();
    expect(await verify(ring, ASSERTION, token, { ...expected, now: NOW + 299_000 })).toEqual(claims);
    expect(await verify(ring, ASSERTION, token, { ...expected, now: NOW + 306_000 })).toBeUndefined();
  });

  it("is nothing when it was changed, is not one, or has no signature", async () => {
    const [header, , signature] = (await signed()).split(".");
    const other = btoa(JSON.stringify({ ...claims, sub: "acc_2" })).replaceAll("=", "");
    expect(await verify(ring, ASSERTION, `${header}.${other}.${signature}`, expected)).toBeUndefined();
    const none = btoa(JSON.stringify({ alg: "none", typ: ASSERTION })).replaceAll("=", "");
    expect(await verify(ring, ASSERTION, `${none}.${other}.`, expected)).toBeUndefined();
    expect(await verify(ring, ASSERTION, "", expected)).toBeUndefined();
  });

  it("is not made without a key", async () => {
    expect(await sign([], ASSERTION, claims)).toBeUndefined();
  });
});
