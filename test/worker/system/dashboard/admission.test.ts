import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { type Env, readConfig } from "../../../../src/env.ts";
import deployed from "../../../../src/index.ts";
import { newContext } from "../../../../src/services/context.ts";
import { invite } from "../../../../src/services/members/invite.ts";
import { admit } from "../../../../src/services/sign-in/admit.ts";
import { newSignInContext } from "../../../../src/services/sign-in/context.ts";
import { auditActions, env, newTenant } from "../../harness.ts";
import { newVisitor } from "../../visitor.ts";

const newEmail = (domain = "people.test") => `${crypto.randomUUID().slice(0, 13)}@${domain}`;

/** A deployment that lets in whom this list says; absent: whoever was let in by name. */
const withList = (OIDC_ALLOW?: string): Env => ({ ...env, OIDC_ALLOW });

const identityOf = (email: string, subject = email) => ({
  issuer: "https://issuer.test",
  subject,
  verifiedEmail: email,
  name: null,
});

const tryToEnter = (deployment: Env, email: string, invitation?: string) =>
  admit(
    newSignInContext(deployment, { requestId: "req_test", now: Date.now() }),
    identityOf(email),
    invitation,
  );

const isKnown = async (email: string) =>
  (await env.DB.prepare("SELECT id FROM people WHERE email = ?").bind(email).first()) !== null;

async function inviteTo(accountId: string, email: string, deployment: Env = withList()): Promise<string> {
  const owner = await newVisitor(accountId);
  const who = {
    accountId,
    actor: { type: "user" as const, id: owner.personId },
    personId: owner.personId,
    role: "owner" as const,
  };
  const request = { requestId: "req_test", now: Date.now(), background: () => {} };
  return (await invite(newContext(deployment, who, request), { email, role: "member" })).secret;
}

describe("without a list", () => {
  it("lets in nobody whom nobody has named, and keeps nothing of them", async () => {
    const email = newEmail();
    expect(await tryToEnter(withList(), email)).toEqual({ type: "refused", refusal: "not_allowed" });
    expect(await isKnown(email)).toBe(false);
  });

  it("lets in whom the operator has made an account for", async () => {
    const [email, { accountId }] = [newEmail(), await newTenant()];
    await env.DB.prepare("UPDATE accounts SET email = ? WHERE id = ?").bind(email, accountId).run();
    expect(await tryToEnter(withList(), email)).toMatchObject({ type: "admitted", accountId });
    // Again, when it is theirs.
    expect(await tryToEnter(withList(), email)).toMatchObject({ type: "admitted", accountId });
  });

  it("lets in whom an owner has invited, by that link alone, and makes them no account", async () => {
    const [email, { accountId }] = [newEmail(), await newTenant()];
    const secret = await inviteTo(accountId, email);
    expect((await tryToEnter(withList(), email)).type).toBe("refused");
    expect((await tryToEnter(withList(), newEmail(), secret)).type).toBe("refused");
    expect((await tryToEnter(withList(), email, "a".repeat(52))).type).toBe("refused");
    expect(await tryToEnter(withList(), email, secret)).toMatchObject({ type: "admitted", accountId });
    // They have not accepted yet.
    const { results } = await env.DB.prepare(
      "SELECT role FROM members JOIN people ON people.id = person_id WHERE email = ?",
    )
      .bind(email)
      .all();
    expect(results).toEqual([]);
  });
});

describe("with a list", () => {
  it("lets in whoever is on it, and nobody else, invited or not", async () => {
    const [ada, other] = [newEmail("listed.test"), newEmail("elsewhere.test")];
    const listed = withList("listed.test");
    expect((await tryToEnter(listed, ada)).type).toBe("admitted");
    const { accountId } = await newTenant();
    const secret = await inviteTo(accountId, other);
    expect(await tryToEnter(listed, other, secret)).toEqual({ type: "refused", refusal: "not_allowed" });
    await expect(inviteTo(accountId, newEmail("elsewhere.test"), listed)).rejects.toThrow("does not let");
    expect(await isKnown(other)).toBe(false);
  });

  it("shuts out at once whoever is taken off it", async () => {
    const { accountId } = await newTenant();
    const visitor = await newVisitor(accountId, "owner", { email: newEmail("listed.test") });
    const look = (deployment: Env) =>
      deployed.fetch(
        new Request("http://localhost/dashboard/nothing-here", { headers: { Cookie: visitor.cookie } }),
        deployment,
        createExecutionContext(),
      );
    expect((await look(withList("listed.test"))).status).toBe(404);
    expect((await look(withList("another.test"))).status).toBe(303);
    expect((await look({ ...env, OIDC_ISSUER: undefined })).status).toBe(303);
  });
});

describe("for everybody", () => {
  it("invited people look at the invitation first, and get an account of their own when they come without it", async () => {
    const [email, { accountId }] = [newEmail(), await newTenant()];
    const secret = await inviteTo(accountId, email);
    const everybody = withList("*");
    expect(await tryToEnter(everybody, email, secret)).toMatchObject({ accountId });
    const alone = await tryToEnter(everybody, email);
    expect(alone.type === "admitted" && alone.accountId).not.toBe(accountId);
    const own = alone.type === "admitted" ? alone.accountId : "";
    expect(await auditActions(own)).toEqual(["account.create", "member.join"]);
  });
});

describe("without a provider", () => {
  const without: Env = { ...env, OIDC_ISSUER: undefined };
  const ask = (path: string) =>
    deployed.fetch(
      new Request(`http://localhost${path}`, { headers: { Accept: "text/html" } }),
      without,
      createExecutionContext(),
    );

  it("says that sign-in is not set up, and what to set; nothing is begun", async () => {
    expect(readConfig(without).oidc).toBeUndefined();
    const answer = await ask("/sign-in");
    expect(answer.status).toBe(503);
    const page = await answer.text();
    for (const name of ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ALLOW"]) {
      expect(page).toContain(name);
    }
    expect(page).toContain("http://localhost/sign-in/callback");
    for (const path of ["/sign-in/start", "/sign-in/callback?code=x&state=y"]) {
      const begun = await ask(path);
      expect([begun.status, begun.headers.get("location"), begun.headers.get("set-cookie")]).toEqual([
        303,
        "/sign-in",
        null,
      ]);
    }
  });
});
