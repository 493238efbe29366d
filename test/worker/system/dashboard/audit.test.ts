import { beforeAll, describe, expect, it } from "vitest";
import { env, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const DAY = 86_400_000;
const today = Math.floor(Date.now() / DAY) * DAY;
const name = (day: number) => new Date(day).toISOString().slice(0, 10);

let owner: Tenant;
let visitor: Visitor;
beforeAll(async () => {
  owner = await newTenant();
  visitor = await newVisitor(owner.accountId);
});

const see = async (path: string, who = visitor) => {
  const answer = await who.get(path);
  const page = await answer.text();
  const actions = [...page.matchAll(/<tr id="aud_.*?<\/tr>/gs)].map(([row]) => row);
  const next = /href="([^"]+)" rel="next"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
  return { status: answer.status, page, rows: actions, next };
};

/** Events as they would be, of any time: what the page shows of them does not depend on their hashes. */
async function write(accountId: string, events: Record<string, unknown>[]): Promise<void> {
  const insert = env.DB.prepare(
    `INSERT INTO audit_events (id, account_id, instance_id, actor, action, target, at, request_id, detail, chain, seq, prev_hash, hash)
     VALUES (?, ?, ?, ?, ?, 'target', ?, NULL, ?, ?, ?, 'before', 'hash')`,
  );
  for (let from = 0; from < events.length; from += 500) {
    await env.DB.batch(
      events.slice(from, from + 500).map((event, index) => {
        const {
          actor = "system:sweep",
          action = "test.made",
          at = today,
          instanceId = null,
          detail = null,
        } = event;
        const id = `aud_${crypto.randomUUID().replaceAll("-", "")}`;
        const text = detail === null ? null : JSON.stringify(detail);
        return insert.bind(
          id,
          accountId,
          instanceId,
          actor,
          action,
          at,
          text,
          `chain_${id}`,
          from + index + 1,
        );
      }),
    );
  }
}

describe("/dashboard/audit", () => {
  it("says who did what, by names, with what it was before and is now", async () => {
    const { body } = await owner.call("POST", "/api/tokens", { name: "ci & <b>deploy</b>" });
    await visitor.get("/dashboard/audit");
    await write(owner.accountId, [
      {
        actor: `user:${visitor.personId}`,
        action: "instance.update",
        at: Date.now(),
        detail: { before: { name: "old", size: 1 }, after: { name: "<script>x" }, reason: "asked" },
      },
    ]);
    const { rows, page, status } = await see("/dashboard/audit");
    expect(status).toBe(200);
    const [updated, minted] = rows;
    expect(updated).toContain(visitor.email);
    expect(updated).toContain("<dt>name</dt><dd><del>old</del> → <ins>&lt;script&gt;x</ins></dd>");
    expect(updated).toContain("<dt>size</dt><dd><del>1</del></dd>");
    expect(updated).toContain("<dt>reason</dt><dd>asked</dd>");
    expect(minted).toContain("token test");
    expect(minted).toContain(body.token.id);
    expect(minted).toContain("ci &amp; &lt;b&gt;deploy&lt;/b&gt;");
    expect(page).not.toMatch(/<script(?! type="module" src="\/assets\/)|style=/);
    expect(page).toContain("gentity audit verify");
    expect(page).toMatch(/<button[^>]*id="verify"[^>]*disabled/);
  });

  it("filters by action, its kind, actor by any of their names, and days", async () => {
    const account = await newTenant();
    const someone = await newVisitor(account.accountId);
    const user = `user:${someone.personId}`;
    const token = `token:${account.tokenId}`;
    await write(account.accountId, [
      { actor: user, action: "token.create", at: today - 3 * DAY },
      { actor: user, action: "token.revoke", at: today - 3 * DAY + 1 },
      { actor: token, action: "tokenless.act", at: today - 2 * DAY - 1 },
      { actor: "system:sweep", action: "sweep.finding", at: today - 2 * DAY },
    ]);
    const found = async (query: string) => (await see(`/dashboard/audit?${query}`, someone)).rows.length;
    expect(await found("")).toBe(4);
    expect(await found("action=token.create")).toBe(1);
    expect(await found("action=token")).toBe(2);
    expect(await found("action=token.")).toBe(2);
    expect(await found(`actor=${encodeURIComponent(someone.email.toUpperCase())}`)).toBe(2);
    expect(await found("actor=test")).toBe(1);
    expect(await found("actor=system")).toBe(1);
    expect(await found(`actor=${encodeURIComponent(user)}`)).toBe(2);
    expect(await found(`actor=${encodeURIComponent(user)}&action=token.revoke`)).toBe(1);
    expect(await found("actor=nobody")).toBe(0);
    expect(await found(`from=${name(today - 3 * DAY)}&to=${name(today - 3 * DAY)}`)).toBe(3);
    expect(await found(`from=${name(today - 2 * DAY)}`)).toBe(1);
    expect((await see("/dashboard/audit?actor=nobody", someone)).page).toContain("No event is like this");
  });

  it("pages through all of them, newest first, without a gap, also where times are the same", async () => {
    const account = await newTenant();
    const someone = await newVisitor(account.accountId);
    await write(
      account.accountId,
      Array.from({ length: 120 }, (_, index) => ({
        action: `test.a${index}`,
        at: today + Math.floor(index / 30),
      })),
    );
    const seen: string[] = [];
    let path: string | undefined = "/dashboard/audit";
    while (path !== undefined) {
      const { rows, next } = await see(path, someone);
      seen.push(...rows.map((row) => /<code>(test\.a\d+)<\/code>/.exec(row)?.[1] ?? ""));
      path = next;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, index) => `test.a${119 - index}`));
  });

  it("looks through so many at a time, says how far, and goes on from there", async () => {
    const account = await newTenant();
    const someone = await newVisitor(account.accountId);
    await write(account.accountId, [
      { action: "rare.one", at: today - DAY },
      ...Array.from({ length: 4_500 }, (_, index) => ({ at: today + index })),
    ]);
    let [rounds, last] = [0, await see("/dashboard/audit?action=rare", someone)];
    expect(last.page).toContain("Looked through everything that is newer than");
    while (last.next !== undefined && rounds < 10) {
      rounds++;
      last = await see(last.next, someone);
    }
    expect([rounds, last.rows.length]).toEqual([2, 1]);
  });

  it("says what is wrong with a filter beside it, and tells nothing of another account", async () => {
    const days = await see("/dashboard/audit?from=2026-13-01&to=2026-01-01");
    expect(days.status).toBe(400);
    expect(days.page).toContain("This is no day");
    expect((await see("/dashboard/audit?from=2026-02-01&to=2026-01-01")).page).toContain(
      "before the first day",
    );
    const theirs = await newTenant();
    await write(theirs.accountId, [{ action: "their.own" }]);
    await env.DB.prepare(
      `INSERT INTO instances SELECT 'cmptheirs', ?, 'theirs-sub', 'x', 'aider', 'v1', 'x', 'openai', 'x', 'fly', 'iad', '{}',
        'public', NULL, 'link', NULL, NULL, '{}', 'running', 0, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, 0, NULL, '[]', NULL`,
    )
      .bind(theirs.accountId)
      .run();
    const [known, unknown] = await Promise.all([
      see("/dashboard/audit?instance=cmptheirs"),
      see("/dashboard/audit?instance=cmpnowhere"),
    ]);
    expect([known.status, unknown.status]).toEqual([404, 404]);
    expect(known.page.replaceAll("cmptheirs", "")).toBe(unknown.page.replaceAll("cmpnowhere", ""));
    expect((await see("/dashboard/audit")).page).not.toContain("their.own");
    expect((await see("/dashboard/audit?cursor=1_x")).status).toBe(400);
  });

  it("shows what was done to one instance, also when it is gone", async () => {
    const { body } = await owner.call("POST", "/api/instances?wait=60", {
      agentType: "aider",
      modelProvider: "openai",
      modelName: "gpt-4o",
      apiKey: "sk-test",
      name: "<i>mine</i>",
    });
    const { rows } = await see(`/dashboard/audit?instance=${body.subdomain}`);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows[0]).toContain("&lt;i&gt;mine&lt;/i&gt;");
    await owner.call("DELETE", `/api/instances/${body.id}`);
    const after = await see(`/dashboard/audit?instance=${body.id}`);
    expect(after.rows.length).toBeGreaterThan(rows.length);
  });
});
