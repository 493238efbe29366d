import { createScheduledController } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import handlers from "../../../../src/index.ts";
import { env, newTenant, type Tenant, worker } from "../../harness.ts";
import { aPeriod, DAY, HOUR, newId, place, project } from "../../usage/ledger.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const today = Math.floor(Date.now() / DAY) * DAY;
const days = (ago: number) => today - ago * DAY;
const name = (day: number) => new Date(day).toISOString().slice(0, 10);

let owner: Tenant;
let heir: Tenant;
let visitor: Visitor;
const [gone, handedOn, awake] = [newId(), newId(), newId()];

beforeAll(async () => {
  [owner, heir] = [await newTenant(), await newTenant()];
  visitor = await newVisitor(owner.accountId);
  const { accountId } = owner;
  await place(gone, { accountId });
  await place(awake, { accountId });
  await place(handedOn, { accountId: heir.accountId });
  await project(
    aPeriod({ instanceId: gone, accountId, startedAt: days(3), endedAt: days(3) + 5 * HOUR }),
    aPeriod({ instanceId: gone, accountId, seq: 2, meter: "none", startedAt: days(3) + 5 * HOUR }),
    aPeriod({ instanceId: handedOn, accountId, startedAt: days(3), endedAt: days(3) + HOUR }),
    aPeriod({ instanceId: handedOn, accountId: heir.accountId, seq: 2, startedAt: days(3) + HOUR }),
    aPeriod({ instanceId: awake, accountId, meter: "paused", startedAt: days(2), endedAt: days(1) }),
    aPeriod({ instanceId: awake, accountId, seq: 2, startedAt: days(1) }),
  );
  await env.DB.batch([
    env.DB.prepare("UPDATE instances SET deleted_at = ?, state = 'deleted' WHERE id = ?").bind(days(2), gone),
    env.DB.prepare("UPDATE instances SET name = ? WHERE id = ?").bind('<img src=x onerror="x">', awake),
  ]);
  await handlers.scheduled(createScheduledController({ cron: "5 * * * *" }), env);
});

const see = async (path: string, who = visitor) => {
  const answer = await who.get(path);
  return { status: answer.status, page: await answer.text() };
};

describe("/dashboard/usage", () => {
  it("shows by day what the API says, and that the cost is an estimate", async () => {
    const { status, page } = await see("/dashboard/usage?range=30-days");
    expect(status).toBe(200);
    const { body } = await owner.call("GET", `/api/usage?from=${name(days(29))}&to=${name(today)}`);
    expect(body.usage.length).toBe(4);
    for (const line of body.usage) {
      const row = page.slice(page.lastIndexOf(`<th scope="row">${line.day}`));
      const cost = (line.costMicros / 1e6).toFixed(4);
      expect(row.slice(0, row.indexOf("</tr>"))).toContain(`$${cost} <small>est.</small>`);
    }
    expect(page).toContain("6 h 0 min");
    expect(page).toContain("gentity usage --verify --from");
    expect(page).toContain("fly-2025-08-19");
    expect(page).toContain("no budget is set");
    expect(page).toMatch(/<svg[^>]*role="img"/);
    expect(page).not.toMatch(/style=|<style|<script(?! type="module" src="\/assets\/)/);
  });

  it("shows by instance also what is gone, marked, and names that somebody chose as text", async () => {
    const { page } = await see("/dashboard/usage?by=instance&range=30-days");
    const { body } = await owner.call("GET", `/api/usage?groupBy=instance&from=${name(days(29))}`);
    const order = [...page.matchAll(/<code>(cmp\w+)<\/code>/g)].map(([, id]) => id);
    expect(order).toEqual(body.usage.map(({ instanceId }: any) => instanceId));
    const rowOf = (id: string) => page.split("<tr>").find((row) => row.includes(id)) ?? "";
    expect(rowOf(gone)).toContain('<span class="badge">deleted</span>');
    expect(rowOf(handedOn)).toContain('<span class="badge">handed on</span>');
    expect(rowOf(awake)).toContain("&lt;img src=x onerror=&quot;x&quot;&gt;");
    expect(page).not.toContain("<img");
  });

  it("pages through many instances, and its sums stay those of all", async () => {
    const crowd = await newTenant();
    const ids = Array.from({ length: 130 }, newId);
    await project(
      ...ids.map((instanceId) =>
        aPeriod({ instanceId, accountId: crowd.accountId, startedAt: days(1), endedAt: days(1) + HOUR }),
      ),
    );
    await handlers.scheduled(createScheduledController({ cron: "5 * * * *" }), env);
    const someone = await newVisitor(crowd.accountId);
    const seen: string[] = [];
    let path: string | undefined = "/dashboard/usage?by=instance&range=7-days";
    while (path !== undefined) {
      const { page } = await see(path, someone);
      expect(page).toContain("<dd>5 d 10 h</dd>");
      seen.push(...[...page.matchAll(/<code>(cmp\w+)<\/code>/g)].map(([, id]) => id ?? ""));
      path = /href="([^"]+)" rel="next"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it.each(["day", "instance"])("hands out the same CSV by %s as the API", async (by) => {
    const from = name(days(29));
    const mine = await visitor.get(`/dashboard/usage.csv?by=${by}&from=${from}&to=${name(today)}`);
    expect(mine.headers.get("content-disposition")).toContain("gentity-usage.csv");
    const theirs = await worker.fetch(`http://localhost/api/usage?groupBy=${by}&from=${from}`, {
      headers: { Authorization: `Bearer ${owner.token}`, Accept: "text/csv" },
    });
    expect(await mine.text()).toBe(await theirs.text());
    expect(mine.headers.get("content-type")).toBe(theirs.headers.get("content-type"));
  });

  it("says what is wrong with the days that were asked for, beside them", async () => {
    const turned = await see("/dashboard/usage?from=2026-11-02&to=2026-11-01");
    expect(turned.status).toBe(400);
    expect(turned.page).toMatch(/class="mistake">[^<]*is after/);
    const { status, page } = await see('/dashboard/usage?from="><b>&to=2026-11-01');
    expect(status).toBe(400);
    expect(page).toContain('value="&quot;&gt;&lt;b&gt;"');
    const long = await see("/dashboard/usage?from=2020-01-01&to=2026-11-01");
    expect(long.page).toContain("At most 366 days");
  });

  it("shows what is left of a budget", async () => {
    await env.DB.prepare("UPDATE accounts SET monthly_budget_micros = 7000000 WHERE id = ?")
      .bind(owner.accountId)
      .run();
    const { body } = await owner.call("GET", "/api/account");
    const { page } = await see("/dashboard/usage");
    expect(page).toContain("of $7.00 for compute; when it is spent, nothing is stopped");
    // Something runs all the while, so that what is left has moved on a little since.
    const left = Number(/month<\/dt><dd><span class="money">\$([\d.]+)/.exec(page)?.[1]);
    expect(left).toBeCloseTo(body.account.budget.leftMicros / 1e6, 1);
  });

  it("has something to say where there is nothing, and shows nobody another's", async () => {
    const stranger = await newVisitor((await newTenant()).accountId);
    for (const by of ["day", "instance"]) {
      const { page } = await see(`/dashboard/usage?by=${by}&range=30-days`, stranger);
      expect(page).toContain("Nothing was used in these days");
      expect(page).not.toContain(gone);
    }
  });
});
