import { describe, expect, it } from "vitest";
import { isListed, readOidcConfig } from "./env-oidc.ts";

const set = { OIDC_ISSUER: "https://id.example", OIDC_CLIENT_ID: "gentity" };
const allowOf = (OIDC_ALLOW?: string) => {
  const config = readOidcConfig({ ...set, OIDC_ALLOW });
  if (!config) throw new Error("not configured");
  return config.allow;
};

it("is no sign-in without an issuer and a client", () => {
  expect(readOidcConfig({})).toBeUndefined();
  expect(readOidcConfig({ OIDC_ISSUER: "https://id.example" })).toBeUndefined();
  expect(readOidcConfig({ OIDC_CLIENT_ID: "gentity" })).toBeUndefined();
});

it("may be a public client", () => {
  expect(readOidcConfig(set)?.clientSecret).toBeUndefined();
  expect(readOidcConfig({ ...set, OIDC_CLIENT_SECRET: "s" })?.clientSecret).toBe("s");
});

it.each([
  ["https://id.example", true],
  ["http://127.0.0.1:8795", true],
  ["http://localhost:8795", true],
  ["http://[::1]:8795", true],
  ["http://id.example", false],
  ["http://localhost.example", false],
  ["http://127.0.0.1.example", false],
  ["id.example", false],
  ["ftp://localhost", false],
])("takes the issuer %s: %s", (OIDC_ISSUER, taken) => {
  const read = () => readOidcConfig({ ...set, OIDC_ISSUER });
  if (taken) expect(read()?.issuer.href).toContain(OIDC_ISSUER);
  else expect(read).toThrow("OIDC_ISSUER");
});

describe("who may sign in", () => {
  it("is nobody new unless it is said", () => {
    expect(allowOf()).toEqual({ kind: "invited" });
    expect(allowOf(" , ")).toEqual({ kind: "invited" });
    expect(allowOf("*")).toEqual({ kind: "everybody" });
  });

  it.each([
    ["ada@example.com", true],
    ["ADA@Example.COM", true],
    ["bob@example.com", false],
    ["bob@example.org", true],
    ["bob@sub.example.org", false],
    ["bob@notexample.org", false],
    ["bob@example.net", true],
    ["example.org", true],
  ])("%s is on the list: %s", (email, listed) => {
    expect(isListed(allowOf("ada@example.com, example.org, @Example.net"), email)).toBe(listed);
  });

  it("names the variable that cannot be read", () => {
    expect(() => allowOf("exa mple")).toThrow("OIDC_ALLOW");
  });
});
