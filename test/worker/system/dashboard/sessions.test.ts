import { env as bindings } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDb } from "../../../../src/db/client.ts";
import { forgetOldSessions } from "../../../../src/services/sessions/forget.ts";
import { auditActions, call, env, newTenant } from "../../harness.ts";
import { newVisitor, type Visitor, visitAgain } from "../../visitor.ts";

const HERE = "/dashboard/settings/sessions";
const DAY_MS = 24 * 3600 * 1000;

const isIn = async (visitor: Pick<Visitor, "get">) =>
  (await visitor.get("/dashboard/nothing-here")).status === 404;

async function arrange() {
  const { accountId } = await newTenant();
  const here = await newVisitor(accountId);
  const there = await visitAgain(here, "Mozilla/5.0 (iPhone) Version/18.1 Safari/604.1");
  return { accountId, here, there, stranger: await newVisitor(accountId) };
}

describe("the sessions of a person", () => {
  it("are all told, with this one marked, and nobody else's", async () => {
    const { here, there, stranger } = await arrange();
    const page = await (await here.get(HERE)).text();
    expect(page.match(/this one/g)).toHaveLength(1);
    expect(page).toContain("Safari on iPhone");
    expect(page).toContain(`${HERE}/${there.sessionId}/end`);
    expect(page).not.toContain(stranger.sessionId);
  });

  it("end one by one, at once; ended twice is told of, and nobody else's can be", async () => {
    const { accountId, here, there, stranger } = await arrange();
    const answer = await here.post(`${HERE}/${there.sessionId}/end`);
    expect(answer.headers.get("location")).toBe(`${HERE}?done=ended`);
    expect([await isIn(there), await isIn(here)]).toEqual([false, true]);
    expect((await call("GET", "/api/account", { headers: { Cookie: there.cookie } })).status).toBe(401);
    expect((await here.post(`${HERE}/${there.sessionId}/end`)).status).toBe(404);
    expect((await here.post(`${HERE}/${stranger.sessionId}/end`)).status).toBe(404);
    expect(await isIn(stranger)).toBe(true);
    expect(await auditActions(accountId)).toEqual(["session.end"]);
  });

  it("end all but this one", async () => {
    const { accountId, here, there, stranger } = await arrange();
    const third = await visitAgain(here, "curl/8");
    const answer = await here.post(`${HERE}/end-others`);
    expect(answer.headers.get("location")).toBe(`${HERE}?done=others`);
    expect(await Promise.all([here, there, third, stranger].map(isIn))).toEqual([true, false, false, true]);
    expect(await auditActions(accountId)).toEqual(["session.end", "session.end"]);
  });

  it("end everywhere", async () => {
    const { here, there, stranger } = await arrange();
    const answer = await here.post(`${HERE}/end-all`);
    expect(answer.headers.get("location")).toBe("/sign-in?done=signed-out");
    expect(answer.headers.get("set-cookie")).toContain("__Host-gentity=; Path=/; Max-Age=0");
    expect(await Promise.all([here, there, stranger].map(isIn))).toEqual([false, false, true]);
  });

  it("end by no form of another session", async () => {
    const { here, there } = await arrange();
    expect((await here.post(`${HERE}/end-others`, { formToken: there.formToken })).status).toBe(403);
    expect(await isIn(there)).toBe(true);
  });
});

describe("several accounts", () => {
  it("are switched between, and forms of the one before do nothing in the other", async () => {
    const [one, other, foreign] = [await newTenant(), await newTenant(), await newTenant()];
    const visitor = await newVisitor(one.accountId);
    const join = "INSERT INTO members (account_id, person_id, role, created_at) VALUES (?, ?, 'member', 1)";
    await env.DB.prepare(join).bind(other.accountId, visitor.personId).run();
    const page = await (await visitor.get(HERE)).text();
    expect(page).toContain(`Switch to ${other.accountId}@test`);
    expect(page).not.toContain(`Switch to ${one.accountId}@test`);
    expect((await visitor.post("/dashboard/switch", { account: foreign.accountId })).status).toBe(404);

    const answer = await visitor.post("/dashboard/switch", { account: other.accountId });
    expect(answer.headers.get("location")).toBe("/dashboard");
    const { body } = await call("GET", "/api/account", { headers: { Cookie: visitor.cookie } });
    expect(body.account.id).toBe(other.accountId);
    expect(await auditActions(other.accountId)).toEqual(["session.open"]);
    // A tab that still shows the first account.
    expect((await visitor.post("/dashboard/switch", { account: one.accountId })).status).toBe(403);
  });
});

describe("what ended long ago", () => {
  it("is cleared away, but for the last that somebody had in an account", async () => {
    const { accountId } = await newTenant();
    const person = await newVisitor(accountId);
    const [second, third] = [await visitAgain(person, "a"), await visitAgain(person, "b")];
    const age = (id: string, days: number) =>
      env.DB.prepare("UPDATE sessions SET created_at = ?2, last_seen_at = ?2, ended_at = ?2 WHERE id = ?1")
        .bind(id, Date.now() - days * DAY_MS)
        .run();
    await age(person.sessionId, 90);
    await age(second.sessionId, 80);
    await age(third.sessionId, 70);
    const insert = `INSERT INTO invitations (id, account_id, email, role, hash, created_at, expires_at)
                    VALUES (?1, ?2, 'x@test', 'member', ?1, 0, ?3)`;
    const invitationOf = (days: number) => `inv_${accountId}_${days}`;
    for (const days of [20, 40]) {
      await env.DB.prepare(insert)
        .bind(invitationOf(days), accountId, Date.now() - days * DAY_MS)
        .run();
    }
    await forgetOldSessions({ db: openDb((bindings as unknown as typeof env).DB), now: Date.now() });
    const idsOf = async (table: string) =>
      (
        await env.DB.prepare(`SELECT id FROM ${table} WHERE account_id = ?`)
          .bind(accountId)
          .all<{ id: string }>()
      ).results.map(({ id }) => id);
    expect(await idsOf("sessions")).toEqual([third.sessionId]);
    expect(await idsOf("invitations")).toEqual([invitationOf(20)]);
  });
});
