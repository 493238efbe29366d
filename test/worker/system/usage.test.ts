import { createScheduledController } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import worker from "../../../src/index.ts";
import { env, newTenant, type Tenant } from "../harness.ts";
import { aPeriod, DAY, HOUR, newId, place, project } from "../usage/ledger.ts";

const today = Math.floor(Date.now() / DAY) * DAY;
const yesterday = today - DAY;
const iso = (ms: number) => new Date(ms).toISOString();
const day = (ms: number) => iso(ms).slice(0, 10);

async function cron(pattern: string): Promise<void> {
  await worker.scheduled(createScheduledController({ cron: pattern }), env);
}

let owner: Tenant;
let heir: Tenant;
const gone = newId();
const handedOn = newId();

beforeAll(async () => {
  owner = await newTenant();
  heir = await newTenant();
  const { accountId } = owner;
  await place(gone, { accountId });
  await place(handedOn, { accountId: heir.accountId });
  await project(
    aPeriod({ instanceId: gone, accountId, startedAt: yesterday, endedAt: yesterday + 2 * HOUR + 1 }),
    aPeriod({ instanceId: gone, accountId, seq: 2, meter: "none", startedAt: yesterday + 2 * HOUR + 1 }),
    aPeriod({ instanceId: handedOn, accountId, startedAt: yesterday, endedAt: yesterday + HOUR }),
    aPeriod({ instanceId: handedOn, accountId: heir.accountId, seq: 2, startedAt: yesterday + HOUR }),
  );
  await env.DB.prepare("UPDATE instances SET deleted_at = ?, state = 'deleted' WHERE id = ?")
    .bind(yesterday + 3 * HOUR, gone)
    .run();
  await cron("5 * * * *");
});

describe("GET /api/usage", () => {
  it("sums by day, and says that the cost is an estimate and by which prices", async () => {
    const { body, status } = await owner.call("GET", "/api/usage");
    expect(status).toBe(200);
    expect(body.usage).toEqual([
      {
        day: day(yesterday),
        instanceId: null,
        name: null,
        runningSeconds: 3 * 3600 + 0.001,
        pausedSeconds: 0,
        volumeGbSeconds: 3 * 3600 + 0.001,
        costMicros: expect.any(Number),
        estimated: true,
        final: true,
        countedTo: null,
        reopened: false,
      },
    ]);
    expect(body.total).toMatchObject({ runningSeconds: 3 * 3600 + 0.001, estimated: true });
    expect(body.rateCards).toContainEqual(
      expect.objectContaining({ version: "fly-2025-08-19", source: expect.any(String) }),
    );
    expect(body.countedTo).toMatch(/Z$/);
  });

  it("keeps deleted and handed-on instances where they were", async () => {
    const mine = await owner.call("GET", "/api/usage?groupBy=instance");
    expect(mine.body.usage).toMatchObject([
      { instanceId: handedOn, name: null, runningSeconds: 3600, day: null },
      { instanceId: gone, name: "named", runningSeconds: 2 * 3600 + 0.001 },
    ]);
    const theirs = await heir.call("GET", `/api/usage?groupBy=instance&to=${day(yesterday)}`);
    expect(theirs.body.usage).toMatchObject([{ instanceId: handedOn, runningSeconds: 23 * 3600 }]);
  });

  it("shows today's rows as not final, and how far they are counted", async () => {
    const { body } = await heir.call("GET", `/api/usage?groupBy=instance-day&from=${day(today)}`);
    expect(body.usage).toMatchObject([{ day: day(today), final: false, reopened: false }]);
    expect(Date.parse(body.usage[0].countedTo) - today).toBe(Math.round(body.usage[0].runningSeconds * 1000));
  });

  it("walks through pages", async () => {
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await owner.call("GET", `/api/usage?groupBy=instance-day&limit=1${cursor}`);
      seen.push(...body.usage.map(({ instanceId }: { instanceId: string }) => instanceId));
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`;
    } while (cursor);
    expect(seen).toEqual([handedOn, gone]);
  });

  it("is CSV for who accepts that", async () => {
    const { body, headers } = await owner.call("GET", "/api/usage?groupBy=instance-day", undefined, {
      Accept: "text/csv",
    });
    expect(headers.get("Content-Type")).toContain("text/csv");
    const [title, first, second, ...rest] = body.split("\r\n");
    expect(title).toBe(
      "day,instanceId,runningSeconds,pausedSeconds,volumeGbSeconds,costMicros,estimated,final",
    );
    expect(first).toMatch(new RegExp(`^${day(yesterday)},${handedOn},3600,0,3600,\\d+,true,true$`));
    expect(second).toContain(`${gone},7200.001,`);
    expect(rest).toEqual([""]);
  });

  it.each([
    ["?from=2026-01-02&to=2026-01-01"],
    ["?from=2020-01-01"],
    ["?from=yesterday"],
    ["?groupBy=planet"],
  ])("refuses %s", async (query) => {
    expect((await owner.call("GET", `/api/usage${query}`)).body.code).toBe("invalid_request");
  });
});

describe("GET /api/instances/:id/usage", () => {
  it.each([
    ["deleted", gone, 7200.001],
    ["handed-on", handedOn, 3600],
  ] as const)("answers for a %s one by its whole id", async (_, id, runningSeconds) => {
    const { body } = await owner.call("GET", `/api/instances/${id}/usage`);
    expect(body.usage).toMatchObject([{ day: day(yesterday), instanceId: id, runningSeconds }]);
    expect(body.total).toMatchObject({ runningSeconds });
  });
});

describe("GET /api/usage/periods", () => {
  it("lists what usage is made of, page by page, and nothing of what was handed on", async () => {
    const first = await owner.call("GET", "/api/usage/periods?limit=2");
    const second = await owner.call("GET", `/api/usage/periods?limit=2&cursor=${first.body.nextCursor}`);
    const all = [...first.body.periods, ...second.body.periods];
    expect(all.map(({ instanceId, seq }) => [instanceId, seq])).toEqual([
      [gone, 1],
      [handedOn, 1],
      [gone, 2],
    ]);
    expect(second.body.nextCursor).toBeNull();
    const bad = await owner.call("GET", "/api/usage/periods?cursor=nonsense");
    expect(bad.body.code).toBe("invalid_request");
  });
});

describe("a change that comes in late", () => {
  it("reopens its day until the next run", async () => {
    const tenant = await newTenant();
    const instanceId = newId();
    await place(instanceId, tenant);
    await project(aPeriod({ instanceId, accountId: tenant.accountId, startedAt: yesterday }));
    await cron("20 0 * * *");
    const read = async () =>
      (await tenant.call("GET", `/api/instances/${instanceId}/usage?to=${day(yesterday)}`)).body.usage;
    expect(await read()).toMatchObject([{ runningSeconds: 86_400, final: true, reopened: false }]);
    await project(
      aPeriod({ instanceId, accountId: tenant.accountId, startedAt: yesterday, endedAt: yesterday + 1500 }),
    );
    expect(await read()).toMatchObject([{ runningSeconds: 86_400, final: false, reopened: true }]);
    await cron("5 * * * *");
    expect(await read()).toMatchObject([{ runningSeconds: 1.5, final: true, reopened: false }]);
  });
});
