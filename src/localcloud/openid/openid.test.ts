import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as client from "openid-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../log.ts";
import { OPENID_CLIENT, OPENID_PUBLIC_CLIENT, type OpenidVendor, startOpenid } from "./vendor.ts";

const BACK = "http://localhost:1/sign-in/callback";

let dir: string;
let vendor: OpenidVendor;
const start = (port = 0) =>
  startOpenid(
    { dir, host: "127.0.0.1", token: "secret", rateLimited: false, log: silentLog },
    { port, redirectUris: [BACK] },
  );

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "openid-"));
  vendor = await start();
});
afterEach(async () => {
  await vendor.close();
  rmSync(dir, { recursive: true, force: true });
});

const discover = (id = OPENID_CLIENT, secret: string | null = "secret") =>
  client.discovery(
    new URL(vendor.url),
    id,
    undefined,
    secret === null ? client.None() : client.ClientSecretBasic(secret),
    { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
  );

async function control(method: string, what: string, body?: unknown, token = "secret") {
  const answer = await fetch(`${vendor.url}/_control/${what}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return {
    status: answer.status,
    body: answer.status === 401 ? undefined : ((await answer.json()) as Record<string, unknown>),
  };
}

const verifier = client.randomPKCECodeVerifier();

async function question(provider: client.Configuration, more: Record<string, string> = {}): Promise<string> {
  const url = client.buildAuthorizationUrl(provider, {
    redirect_uri: BACK,
    scope: "openid email profile",
    state: "s",
    nonce: "n",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  });
  return url.href;
}

/** What a browser does between the question and the way back. */
async function answer(asked: string, fields: Record<string, string>): Promise<URL> {
  const jar = new Map<string, string>();
  const go = async (address: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(new URL(address, vendor.url), {
      ...init,
      headers: { cookie },
      redirect: "manual",
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    return response.headers.get("location") ?? "";
  };
  const page = await go(asked);
  const resume = await go(page, { method: "POST", body: new URLSearchParams(fields) });
  return new URL(await go(resume));
}

const redeem = (provider: client.Configuration, back: URL) =>
  client.authorizationCodeGrant(provider, back, {
    expectedState: "s",
    expectedNonce: "n",
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });

async function signIn(email: string, provider?: client.Configuration) {
  const known = provider ?? (await discover());
  const tokens = await redeem(known, await answer(await question(known), { email }));
  return tokens.claims();
}

describe("the identity provider", () => {
  it("says who somebody is, by a subject that stays theirs", async () => {
    const claims = await signIn("ada@localhost");
    expect(claims).toMatchObject({ email: "ada@localhost", email_verified: true, name: "Ada" });
    await control("POST", "people", { email: "ada@localhost", to: { email: "lovelace@localhost" } });
    expect(await signIn("lovelace@localhost")).toMatchObject({ sub: claims?.sub });
    expect((await signIn("ada@localhost"))?.sub).not.toBe(claims?.sub);
  });

  it("knows a client with a secret, and one without", async () => {
    const open = await discover(OPENID_PUBLIC_CLIENT, null);
    expect(await signIn("ada@localhost", open)).toMatchObject({ email: "ada@localhost" });
    const wrong = await discover(OPENID_CLIENT, "wrong");
    await expect(signIn("ada@localhost", wrong)).rejects.toThrow();
  });

  it("gives a code once, and for its verifier alone", async () => {
    const provider = await discover();
    const back = await answer(await question(provider), { email: "ada@localhost" });
    await redeem(provider, back);
    await expect(redeem(provider, back)).rejects.toThrow();
    const other = await answer(await question(provider), { email: "ada@localhost" });
    const stolen = client.authorizationCodeGrant(provider, other, {
      expectedState: "s",
      expectedNonce: "n",
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
    });
    await expect(stolen).rejects.toThrow();
  });

  it("asks for a challenge, and sends nobody where it was not told to", async () => {
    const provider = await discover();
    const bare = new URL(await question(provider));
    bare.searchParams.delete("code_challenge");
    bare.searchParams.delete("code_challenge_method");
    const refused = await fetch(bare, { redirect: "manual" });
    expect(refused.headers.get("location")).toContain("error=invalid_request");
    const elsewhere = await fetch(await question(provider, { redirect_uri: "http://evil.example/" }), {
      redirect: "manual",
    });
    expect([elsewhere.status, elsewhere.headers.get("location")]).toEqual([400, null]);
  });

  it("tells of whoever does not want to", async () => {
    const back = await answer(await question(await discover()), { deny: "1" });
    expect(back.searchParams.get("error")).toBe("access_denied");
  });

  it("shows a text of a person's as a text", async () => {
    await control("POST", "people", { email: "x@localhost", to: { name: '<b a="1">' } });
    const asked = await fetch(await question(await discover()), { redirect: "manual" });
    const cookie = asked.headers.getSetCookie().map((line) => line.split(";")[0]);
    const page = await fetch(new URL(asked.headers.get("location") ?? "", vendor.url), {
      headers: { cookie: cookie.join("; ") },
    });
    const html = await page.text();
    expect(html).toContain("you@localhost");
    expect(html).not.toContain("<b a=");
  });
});

describe("its keys", () => {
  const kids = async () => {
    const { keys } = (await (await fetch(`${vendor.url}/jwks`)).json()) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid);
  };

  it("stay over a restart, and so do its people", async () => {
    const [before, claims] = [await kids(), await signIn("grace@localhost")];
    await vendor.close();
    vendor = await start();
    expect(await kids()).toEqual(before);
    expect((await signIn("grace@localhost"))?.sub).toBe(claims?.sub);
  });

  it("change when they are told to; the former one is shown on, or not", async () => {
    const [first] = await kids();
    const { body } = await control("POST", "keys", { former: "keep" });
    expect(await kids()).toEqual([body?.kid, first]);
    expect(await signIn("ada@localhost")).toBeDefined();
    await control("POST", "keys", { former: "drop" });
    expect(await kids()).toHaveLength(1);
    expect(await signIn("ada@localhost")).toBeDefined();
  });

  it("show no private part", async () => {
    expect(await (await fetch(`${vendor.url}/jwks`)).text()).not.toMatch(/"(d|p|q|dp|dq|qi)"/);
  });
});

describe("orders", () => {
  it("change what the ID token says, so many times", async () => {
    await control("POST", "orders", { path: "/token", count: 1, claims: { aud: "another" } });
    await expect(signIn("ada@localhost")).rejects.toThrow();
    expect(await signIn("ada@localhost")).toMatchObject({ aud: OPENID_CLIENT });
    await control("POST", "orders", { path: "/token", key: "unknown" });
    await expect(signIn("ada@localhost")).rejects.toThrow();
    await control("DELETE", "orders");
    expect(await signIn("ada@localhost")).toBeDefined();
  });

  it("let it fail", async () => {
    await control("POST", "orders", { path: "/jwks", count: 1, status: 503 });
    expect((await fetch(`${vendor.url}/jwks`)).status).toBe(503);
    await control("POST", "orders", { path: "/jwks", count: 1, status: 0 });
    await expect(fetch(`${vendor.url}/jwks`)).rejects.toThrow();
    expect((await fetch(`${vendor.url}/jwks`)).status).toBe(200);
  });

  it("are taken from whoever knows the cloud's token", async () => {
    expect((await control("POST", "keys", {}, "wrong")).status).toBe(401);
    expect((await control("POST", "orders", { claim: 1 })).status).toBe(400);
    expect((await control("POST", "nothing")).status).toBe(404);
  });
});
