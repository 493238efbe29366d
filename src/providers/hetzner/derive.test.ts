import { describe, expect, it } from "vitest";
import { deriveEnrolmentSecret, deriveOriginLabel, deriveTunnelSecret, tunnelToken } from "./derive.ts";

describe("what is derived from the host secret", () => {
  it("is what another HMAC-SHA-256 makes of it", async () => {
    // printf %s <text> | openssl dgst -sha256 -hmac "host secret" -binary, as base64url, base64 and base32.
    expect(await deriveEnrolmentSecret("host secret", "cmp1")).toBe(
      "9NXdw74GfRb3G3Wg-ZRyMNAYMYCrcQd9D_rZqUMpcMY",
    );
    expect(await deriveTunnelSecret("host secret", "cmp1")).toBe(
      "f564L5cJyJe+ZbJUlwe1/ZKyBwPtTdZiw+rryLTdlOk=",
    );
    expect(await deriveOriginLabel("host secret", "cmp1")).toBe("o-rtgducqoxdhmzizpq73irfxcpx");
  });

  it("differs for every instance and every deployment", async () => {
    const all = await Promise.all([
      deriveEnrolmentSecret("host secret", "cmp1"),
      deriveEnrolmentSecret("host secret", "cmp2"),
      deriveEnrolmentSecret("another", "cmp1"),
    ]);
    expect(new Set(all).size).toBe(3);
  });

  it("makes a token that says account, secret and tunnel", () => {
    expect(JSON.parse(atob(tunnelToken("acc", "c2Vj", "tun")))).toEqual({ a: "acc", s: "c2Vj", t: "tun" });
  });
});
