import { createScheduledController } from "cloudflare:test";
import { beforeAll, expect, it } from "vitest";
import handlers from "../../../../src/index.ts";
import { searchEvents } from "../../../../src/services/audit/search.ts";
import { type Ctx, newContext } from "../../../../src/services/context.ts";
import { listTokens } from "../../../../src/services/tokens/list.ts";
import { listTransfers } from "../../../../src/services/transfers/list.ts";
import { usageOverview } from "../../../../src/services/usage/overview.ts";
import { env, newTenant, type Tenant } from "../../harness.ts";
import { aPeriod, DAY, HOUR, newId, project } from "../../usage/ledger.ts";
import { countRows } from "../rows-read.ts";

const INSTANCES = 100;
const EVENTS = 5_000;
const today = Math.floor(Date.now() / DAY) * DAY;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  const { accountId } = tenant;
  const start = today - DAY;
  await project(
    ...Array.from({ length: INSTANCES }, newId).map((instanceId) =>
      aPeriod({ instanceId, accountId, startedAt: start, endedAt: start + HOUR }),
    ),
  );
  await handlers.scheduled(createScheduledController({ cron: "5 * * * *" }), env);
  const insert = env.DB.prepare(
    `INSERT INTO audit_events (id, account_id, actor, action, target, at, chain, seq, prev_hash, hash)
     VALUES (?, ?, 'system:test', 'test.made', 'x', ?, ?, ?, '', '')`,
  );
  for (let from = 0; from < EVENTS; from += 500) {
    await env.DB.batch(
      Array.from({ length: 500 }, (_, index) =>
        insert.bind(
          `aud_${accountId}${from + index}`,
          accountId,
          today + from + index,
          accountId,
          from + index + 1,
        ),
      ),
    );
  }
});

/** How many rows a verb reads for this account. */
async function rowsOf(act: (ctx: Ctx) => Promise<unknown>): Promise<number> {
  const { db, rowsRead } = countRows(env.DB);
  const who = { accountId: tenant.accountId, actor: { type: "system" as const, id: "test" } };
  const request = { requestId: "req_test", now: Date.now(), background: () => {} };
  await act(newContext({ ...env, DB: db }, who, request));
  return rowsRead();
}

const ofDays = (groupBy: "day" | "instance") => ({
  from: new Date(today - 29 * DAY).toISOString().slice(0, 10),
  to: new Date(today).toISOString().slice(0, 10),
  groupBy,
  limit: 366,
});

it("a page of usage reads the account's daily rows once, and what belongs to them", async () => {
  const byDay = await rowsOf((ctx) => usageOverview(ctx, ofDays("day")));
  const byInstance = await rowsOf((ctx) => usageOverview(ctx, ofDays("instance")));
  expect(byDay).toBeGreaterThanOrEqual(INSTANCES);
  expect(byDay).toBeLessThan(4 * INSTANCES);
  expect(byInstance).toBeLessThan(5 * INSTANCES);
});

it("a page of audit events reads what it shows, and with a filter no more than it looks through", async () => {
  const page = { limit: 50 };
  const newest = await rowsOf((ctx) => searchEvents(ctx, {}, page));
  expect(newest).toBeLessThan(4 * 51);
  const ofOneDay = await rowsOf((ctx) => searchEvents(ctx, { from: today, until: today + 100 }, page));
  expect(ofOneDay).toBeLessThan(4 * 51);
  // Four for each of the 2,000: its place, its row, and to know how far it has looked.
  const rare = await rowsOf((ctx) => searchEvents(ctx, { action: "none" }, page));
  expect(rare).toBeLessThan(4 * 2_000 + 10);
});

it("tokens and transfers read their own rows, and no event or period", async () => {
  expect(await rowsOf(listTokens)).toBeLessThan(5);
  expect(await rowsOf((ctx) => listTransfers(ctx, { limit: 50, which: "decided" }))).toBeLessThan(10);
});
