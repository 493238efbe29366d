import { createExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import type { Env } from "../../../../src/env.ts";
import deployed from "../../../../src/index.ts";
import { auditActions, env, newTenant, worker } from "../../harness.ts";
import { Browser, locationOf, newEmail, orderProvider, SITE, titleOf } from "../../openid.ts";

const ISSUER = env.OIDC_ISSUER ?? "";
const NEXT = "/dashboard/nothing-here";

afterEach(() => orderProvider("DELETE", "orders"));

const one = <T>(sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .first<T>();

async function accountOf(email: string) {
  const row = await one<{ id: string }>("SELECT id FROM accounts WHERE email = ?", email);
  return row?.id ?? "";
}

const membersOf = async (accountId: string) =>
  (
    await env.DB.prepare(
      "SELECT people.email, members.role FROM members JOIN people ON people.id = person_id WHERE account_id = ?",
    )
      .bind(accountId)
      .all<{ email: string; role: string }>()
  ).results;

async function makeAccount(email: string): Promise<string> {
  const { accountId } = await newTenant();
  await env.DB.prepare("UPDATE accounts SET email = ? WHERE id = ?").bind(email, accountId).run();
  return accountId;
}

describe("the first sign-in", () => {
  it("makes the account, and goes where one wanted to", async () => {
    const [browser, email] = [new Browser(), newEmail()];
    const answer = await browser.signIn(email);
    expect(locationOf(answer)).toBe(NEXT);
    const accountId = await accountOf(email);
    expect(await membersOf(accountId)).toEqual([{ email, role: "owner" }]);
    expect((await browser.ask(NEXT)).status).toBe(404);
    expect(await auditActions(accountId)).toEqual(["account.create", "member.join", "session.open"]);
  });

  it("makes one account, however many there are at once", async () => {
    const email = newEmail();
    await orderProvider("POST", "people", { email });
    const browsers = Array.from({ length: 6 }, () => new Browser());
    const answers = await Promise.all(browsers.map((browser) => browser.answerOf(email)));
    const results = await Promise.all(browsers.map((browser, at) => browser.ask(answers[at] ?? "")));
    expect(results.map(({ status }) => status)).toEqual(browsers.map(() => 303));
    const people = await env.DB.prepare("SELECT id FROM people WHERE email = ?").bind(email).all();
    expect(people.results).toHaveLength(1);
    const accountId = await accountOf(email);
    expect(await membersOf(accountId)).toHaveLength(1);
    const actions = await auditActions(accountId);
    expect(actions.filter((action) => action === "member.join")).toHaveLength(1);
    expect(actions.filter((action) => action === "session.open")).toHaveLength(6);
  });

  it.each([
    ["between the person and the account", "DELETE FROM accounts WHERE id = ?"],
    ["between the account and its owner", undefined],
  ])("goes on where one was cut off %s", async (_, undo) => {
    const [email, first] = [newEmail(), new Browser()];
    await first.signIn(email);
    const accountId = await accountOf(email);
    await env.DB.batch([
      env.DB.prepare("DELETE FROM sessions WHERE account_id = ?").bind(accountId),
      env.DB.prepare("DELETE FROM members WHERE account_id = ?").bind(accountId),
      ...(undo === undefined ? [] : [env.DB.prepare(undo).bind(accountId)]),
    ]);
    expect(locationOf(await new Browser().signIn(email))).toBe(NEXT);
    expect(await membersOf(await accountOf(email))).toEqual([{ email, role: "owner" }]);
  });

  it("takes over what an operator has made for that email, and nobody has entered", async () => {
    const email = newEmail();
    const accountId = await makeAccount(email);
    await new Browser().signIn(email);
    expect(await membersOf(accountId)).toEqual([{ email, role: "owner" }]);
    expect(await auditActions(accountId)).toEqual(["member.join", "session.open"]);
  });

  it("joins no account that has people by an email alone", async () => {
    const email = newEmail();
    await new Browser().signIn(email);
    const accountId = await accountOf(email);
    // The same address, given to somebody else in time.
    await orderProvider("POST", "people", { email, to: { email: newEmail() } });
    const browser = new Browser();
    const answer = await browser.signIn(email);
    expect(answer.status).toBe(409);
    expect(await titleOf(answer)).toBe("The account of your email belongs to others");
    expect(browser.cookies().has("__Host-gentity")).toBe(false);
    expect(await membersOf(accountId)).toHaveLength(1);
  });
});

describe("a person", () => {
  it("is known by issuer and subject: a changed email is followed, also by the account of their own", async () => {
    const [before, after] = [newEmail(), newEmail()];
    await new Browser().signIn(before);
    const accountId = await accountOf(before);
    await orderProvider("POST", "people", { email: before, to: { email: after } });
    await new Browser().signIn(after);
    expect(await accountOf(after)).toBe(accountId);
    expect(await membersOf(accountId)).toEqual([{ email: after, role: "owner" }]);
    expect(await auditActions(accountId)).toContain("account.update");
    // Whoever has the former address now is somebody else.
    await new Browser().signIn(before);
    expect(await accountOf(before)).not.toBe(accountId);
  });

  it("has a new session after each sign-in, and the one before it in that browser is over", async () => {
    const [browser, email] = [new Browser(), newEmail()];
    await browser.signIn(email);
    const first = browser.cookies().get("__Host-gentity");
    await browser.signIn(email);
    const second = browser.cookies().get("__Host-gentity");
    expect(second).not.toBe(first);
    const { results } = await env.DB.prepare(
      "SELECT ended_at FROM sessions WHERE account_id = ? ORDER BY created_at, ended_at IS NULL",
    )
      .bind(await accountOf(email))
      .all<{ ended_at: number | null }>();
    expect(results.map(({ ended_at }) => ended_at !== null)).toEqual([true, false]);
  });

  it("whose account was suspended is told so, and gets no other", async () => {
    const [browser, email] = [new Browser(), newEmail()];
    const accountId = await makeAccount(email);
    await env.DB.prepare("UPDATE accounts SET suspended_at = 1 WHERE id = ?").bind(accountId).run();
    await browser.signIn(email);
    expect((await browser.ask("/dashboard")).status).toBe(403);
  });
});

describe("an answer", () => {
  it("counts once", async () => {
    const [browser, email] = [new Browser(), newEmail()];
    const callback = await browser.answerOf(email);
    await browser.ask(callback);
    // By the back button: one is signed in already.
    expect(locationOf(await browser.ask(callback))).toBe("/dashboard");
    browser.cookies().clear();
    const again = await browser.ask(callback);
    expect([again.status, await titleOf(again)]).toEqual([400, "This sign-in is over"]);
  });

  it("counts once also for whoever kept the cookie", async () => {
    const [browser, email] = [new Browser(), newEmail()];
    const callback = await browser.answerOf(email);
    const kept = new Map(browser.cookies());
    await browser.ask(callback);
    browser.cookies().clear();
    for (const [name, value] of kept) browser.cookies().set(name, value);
    const again = await browser.ask(callback);
    expect([again.status, await titleOf(again)]).toEqual([400, "This sign-in is over"]);
    expect(browser.cookies().has("__Host-gentity")).toBe(false);
  });

  it("that another browser asked for signs nobody in", async () => {
    const [attacker, victim] = [new Browser(), new Browser()];
    const callback = await attacker.answerOf(newEmail());
    expect((await victim.ask(callback)).status).toBe(400);
    expect(victim.cookies().size).toBe(0);
  });

  it.each([
    ["another state", (url: URL) => url.searchParams.set("state", "x".repeat(43))],
    ["no state", (url: URL) => url.searchParams.delete("state")],
    [
      "a state that begins alike",
      (url: URL) => url.searchParams.set("state", `${url.searchParams.get("state")?.slice(0, -1)}_`),
    ],
    ["another code", (url: URL) => url.searchParams.set("code", "made-up")],
    ["another issuer", (url: URL) => url.searchParams.set("iss", "https://another.example")],
    ["no issuer, where the provider always names it", (url: URL) => url.searchParams.delete("iss")],
  ])("with %s is none", async (_, change) => {
    const browser = new Browser();
    const callback = new URL(await browser.answerOf(newEmail()));
    change(callback);
    expect((await browser.ask(callback.href)).status).toBeGreaterThanOrEqual(400);
    expect(browser.cookies().has("__Host-gentity")).toBe(false);
  });

  it("that comes too late, or to a cookie that was altered, is none", async () => {
    const browser = new Browser();
    for (const change of [
      (value: string) => value.replace(/\.[^.]+\./, `.${(Date.now() - 16 * 60_000).toString(36)}.`),
      (value: string) => value.replace(/\.[^.]+$/, ".%2Fdashboard%2Felsewhere"),
      (value: string) => `a${value}`,
    ]) {
      const callback = await browser.answerOf(newEmail());
      const jar = browser.cookies();
      for (const [name, value] of jar) jar.set(name, change(value));
      expect((await browser.ask(callback)).status).toBe(400);
      jar.clear();
    }
  });

  it("that says no is told as that", async () => {
    const browser = new Browser();
    const begun = new URL(locationOf(await browser.ask("/sign-in/start")));
    const state = begun.searchParams.get("state");
    const told = (error: string) =>
      browser.ask(`/sign-in/callback?error=${error}&state=${state}&iss=${encodeURIComponent(ISSUER)}`);
    const denied = await told("access_denied");
    expect([denied.status, await titleOf(denied)]).toEqual([403, "Sign-in was cancelled"]);
    // The flow ended with it.
    expect((await told("access_denied")).status).toBe(400);
  });

  it.each([
    ["another nonce", { claims: { nonce: "another" } }],
    ["no nonce", { claims: { nonce: null } }],
    ["another audience", { claims: { aud: "another" } }],
    ["another issuer", { claims: { iss: "https://another.example" } }],
    ["a time that is over", { claims: { exp: Math.floor(Date.now() / 1000) - 120 } }],
    ["a time that has not come", { claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }],
    ["a key that nobody knows", { key: "unknown" }],
  ])("whose ID token has %s is not believed", async (_, order) => {
    const browser = new Browser();
    const callback = await browser.answerOf(newEmail());
    await orderProvider("POST", "orders", { path: "/token", count: 1, ...order });
    const answer = await browser.ask(callback);
    expect([answer.status, await titleOf(answer)]).toEqual([
      502,
      "The identity provider's answer does not hold",
    ]);
    expect(browser.cookies().has("__Host-gentity")).toBe(false);
  });

  it("may be a little early or late, as clocks are", async () => {
    const browser = new Browser();
    const callback = await browser.answerOf(newEmail());
    const claims = { exp: Math.floor(Date.now() / 1000) - 10 };
    await orderProvider("POST", "orders", { path: "/token", count: 1, claims });
    expect(locationOf(await browser.ask(callback))).toBe(NEXT);
  });
});

describe("the provider", () => {
  it("may change its keys at any moment", async () => {
    const browser = new Browser();
    for (const former of ["keep", "drop", "drop"]) {
      await browser.signIn(newEmail());
      await orderProvider("POST", "keys", { former });
      expect(locationOf(await browser.signIn(newEmail()))).toBe(NEXT);
    }
  });

  it("has to say that the email is theirs", async () => {
    const email = newEmail();
    await orderProvider("POST", "people", { email, to: { isVerified: false } });
    const browser = new Browser();
    const answer = await browser.signIn(email);
    expect([answer.status, await titleOf(answer)]).toEqual([403, "Your email is not confirmed"]);
    expect(await accountOf(email)).toBe("");
    expect(await one("SELECT id FROM people WHERE email = ?", email)).toBeNull();
  });

  it("may tell the email at its userinfo endpoint alone", async () => {
    const [browser, email] = [new Browser(), newEmail()];
    const callback = await browser.answerOf(email);
    const claims = { email: null, email_verified: null };
    await orderProvider("POST", "orders", { path: "/token", count: 1, claims });
    expect(locationOf(await browser.ask(callback))).toBe(NEXT);
    expect(await membersOf(await accountOf(email))).toHaveLength(1);
  });

  it.each([
    ["is down", "/", { status: 503 }],
    ["breaks off", "/", { status: 0 }],
    ["is down when the code is exchanged", "/token", { status: 500 }],
    ["breaks off when the code is exchanged", "/token", { status: 0 }],
    ["does not show its keys", "/jwks", { status: 503 }],
  ])("that %s lets nobody in and is told of; once it is back it goes on", async (_, path, order) => {
    const browser = new Browser();
    const callback = await browser.answerOf(newEmail());
    await orderProvider("POST", "orders", { path, ...order });
    const answer = await browser.ask(callback);
    expect([answer.status, await titleOf(answer)]).toEqual([503, "The identity provider cannot be reached"]);
    await orderProvider("DELETE", "orders");
    expect(locationOf(await browser.signIn(newEmail()))).toBe(NEXT);
  });
});

describe("a deployment", () => {
  /** As it is deployed, with other variables. */
  const browserOf = (variables: Partial<Env>) =>
    new Browser(async (request) =>
      deployed.fetch(
        request as Parameters<typeof deployed.fetch>[0],
        { ...env, ...variables },
        createExecutionContext(),
      ),
    );

  it("may be a public client, which PKCE alone protects", async () => {
    const browser = browserOf({ OIDC_CLIENT_ID: "gentity-public", OIDC_CLIENT_SECRET: undefined });
    expect(locationOf(await browser.signIn(newEmail()))).toBe(NEXT);
  });

  it("whose secret is wrong is told of as that", async () => {
    const answer = await browserOf({ OIDC_CLIENT_SECRET: "wrong" }).signIn(newEmail());
    expect([answer.status, await titleOf(answer)]).toEqual([502, "The identity provider refused"]);
  });

  it.each([
    ["cannot be reached", "http://127.0.0.1:1"],
    ["is none", `${ISSUER}/elsewhere`],
  ])("whose provider %s begins no sign-in", async (_, OIDC_ISSUER) => {
    const browser = browserOf({ OIDC_ISSUER });
    const answer = await browser.ask("/sign-in/start");
    expect([answer.status, await titleOf(answer)]).toEqual([503, "The identity provider cannot be reached"]);
    expect(answer.headers.get("retry-after")).toBe("10");
    expect(browser.cookies().size).toBe(0);
  });
});

describe("where one goes afterwards", () => {
  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "evil",
    "/sign-in",
    "/sign-out",
    "",
  ])("is never %j", async (next) => {
    const browser = new Browser();
    await browser.ask(`/sign-in/start?next=${encodeURIComponent(next)}`);
    const [value = ""] = [...browser.cookies().values()];
    expect(decodeURIComponent(value.split(".")[2] ?? "")).toBe("/dashboard");
  });

  it("is a page of ours with its query", async () => {
    const next = "/dashboard/usage?from=2026-11-01&by=day";
    expect(locationOf(await new Browser().signIn(newEmail(), next))).toBe(next);
  });
});

describe("the page", () => {
  it("keeps a few flows for a few tabs, and no more", async () => {
    const browser = new Browser();
    const email = newEmail();
    const callbacks: string[] = [];
    for (let tab = 0; tab < 6; tab++) callbacks.push(await browser.answerOf(email, `/dashboard/tab-${tab}`));
    expect([...browser.cookies().keys()].filter((name) => name.includes("flow"))).toHaveLength(4);
    expect((await browser.ask(callbacks[0] ?? "")).status).toBe(400);
    expect(locationOf(await browser.ask(callbacks[5] ?? ""))).toBe("/dashboard/tab-5");
    expect(locationOf(await browser.ask(callbacks[4] ?? ""))).toBe("/dashboard/tab-4");
  });

  it("sends on whoever is signed in, and from other names of ours to the one that the provider knows", async () => {
    const browser = new Browser();
    expect((await browser.ask("/sign-in")).status).toBe(200);
    await browser.signIn(newEmail());
    expect(locationOf(await browser.ask("/sign-in?next=/dashboard/usage"))).toBe("/dashboard/usage");
    const answer = await worker.fetch("http://www.gentity.test/sign-in?next=%2Fx", { redirect: "manual" });
    expect(locationOf(answer)).toBe("https://gentity.test/sign-in?next=%2Fx");
  });

  it("ends the session by its button, and nothing else does", async () => {
    const browser = new Browser();
    await browser.signIn(newEmail());
    const kept = browser.cookies().get("__Host-gentity") ?? "";
    expect((await browser.ask("/sign-out")).status).toBe(404);
    const forged = await browser.ask("/sign-out", { method: "POST", headers: { Origin: SITE } });
    expect(forged.status).toBe(403);
    expect(locationOf(await browser.submit("/dashboard/settings/sessions", "/sign-out"))).toBe(
      "/sign-in?done=signed-out",
    );
    expect(browser.cookies().has("__Host-gentity")).toBe(false);
    browser.cookies().set("__Host-gentity", kept);
    expect((await browser.ask(NEXT)).status).toBe(303);
  });
});
