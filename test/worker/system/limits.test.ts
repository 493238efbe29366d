import { createScheduledController } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { accountStub } from "../../../src/account/stub.ts";
import { newInstanceId } from "../../../src/ids.ts";
import worker from "../../../src/index.ts";
import {
  ANY_REGION,
  findRates,
  flattenCards,
  machineRate,
  RATE_CARDS,
} from "../../../src/usage/rate-card.ts";
import { AIDER, env, newTenant, operate, type Tenant } from "../harness.ts";

const patch = (tenant: Tenant, body: object) =>
  operate("PATCH", `/api/admin/accounts/${tenant.accountId}`, body);
const account = async (tenant: Tenant) => (await tenant.call("GET", "/api/account")).body.account;
const hourly = () => worker.scheduled(createScheduledController({ cron: "7 * * * *" }), env);

const BIG = { cpuKind: "performance", cpus: 16, memoryMb: 131_072, volumeGb: 10 };

/** A machine that ran from then to then, as the records have it. */
async function ran(tenant: Tenant, from: number, to: number | null) {
  const spec = JSON.stringify(BIG);
  await env.DB.prepare(
    "INSERT INTO periods VALUES (?, 1, ?, 'running', 'running', ?, ?, ?, 1, 'test', 'system:test')",
  )
    .bind(newInstanceId(), tenant.accountId, spec, from, to)
    .run();
}

/** Out of every test's way: from the year before this month began. */
const LONG_AGO = Date.UTC(2020, 0, 1);

describe("commands that run at once", () => {
  let owner: Tenant;
  let id: string;
  const exec = (body: object, headers?: Record<string, string>) =>
    owner.call("POST", `/api/instances/${id}/exec`, body, headers);
  const running = async () => (await account(owner)).quota.execConcurrency.used as number;

  /** Slots are given back beside the answer. */
  async function untilNoneRuns() {
    while ((await running()) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A detached command is over once somebody has seen it. */
  async function untilSeen(execId: string) {
    const poll = () => owner.call("GET", `/api/instances/${id}/exec/${execId}`);
    while ((await poll()).body.status === "running") {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  beforeAll(async () => {
    owner = await newTenant();
    await patch(owner, { quota: { execConcurrency: 2 } });
    const { body } = await owner.call("POST", "/api/instances?wait=60", AIDER);
    expect(body.status).toBe("running");
    id = body.id;
  });

  it("are no more than the account may, whoever asks for how many", async () => {
    // Detached, so that none can be over before somebody looks.
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => exec({ command: "true", detach: true })),
    );
    const ok = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 429);
    expect([ok.length, refused.length]).toEqual([2, 4]);
    expect(refused[0]?.body).toMatchObject({
      code: "too_many_execs",
      error: "The account runs 2 of 2 commands.",
      details: [{ resource: "execConcurrency", used: 2, limit: 2 }],
    });
    expect(refused[0]?.headers.get("Retry-After")).toBe("2");
    await Promise.all(ok.map(({ body }) => untilSeen(body.execId)));
    await untilNoneRuns();
    expect((await exec({ command: "true" })).status).toBe(200);
  });

  it("are counted until they end: streamed to the end, detached until somebody sees it", async () => {
    await untilNoneRuns();
    await exec({ command: "true" }, { Accept: "text/event-stream" });
    await untilNoneRuns();
    const detached = await exec({ command: "true", detach: true });
    expect(detached.status).toBe(202);
    expect(await running()).toBe(1);
    await untilSeen(detached.body.execId);
    await untilNoneRuns();
  });

  it("hold nothing when there was nothing to run them on", async () => {
    const nothing = await owner.call("POST", "/api/instances/cmp01nothing/exec", { command: "true" });
    expect(nothing.status).toBe(404);
    await untilNoneRuns();
  });

  it("are forgotten when their lease is over, and one asked for twice is one", async () => {
    const tenant = await newTenant();
    await patch(tenant, { quota: { execConcurrency: 1 } });
    const stub = accountStub(env, tenant.accountId);
    expect(await stub.runningExecs()).toBe(0);
    expect(await stub.takeExec("cut-off", 0)).toEqual({ type: "taken" });
    expect(await stub.takeExec("first", 60_000)).toEqual({ type: "taken" });
    expect(await stub.takeExec("first", 60_000)).toEqual({ type: "taken" });
    expect(await stub.takeExec("second", 60_000)).toEqual({ type: "full", running: 1, limit: 1 });
    await stub.endExec("first");
    expect(await stub.takeExec("second", 60_000)).toEqual({ type: "taken" });
  });
});

describe("the month's compute budget", () => {
  const spend = (tenant: Tenant) => ran(tenant, LONG_AGO, null);

  it("is shown with what is spent and left, and so is the quota", async () => {
    const tenant = await newTenant();
    const quota = {
      instances: { used: 0, limit: 20 },
      memoryMb: { used: 0, limit: 65_536 },
      execConcurrency: { used: 0, limit: 50 },
    };
    expect(await account(tenant)).toMatchObject({ quota, budget: null });
    await patch(tenant, { budget: { limitMicros: 10 ** 15, action: "suspend" } });
    await spend(tenant);
    const { budget } = await account(tenant);
    expect(budget).toEqual({
      limitMicros: 10 ** 15,
      spentMicros: expect.any(Number),
      leftMicros: 10 ** 15 - budget.spentMicros,
      estimated: true,
      action: "suspend",
    });
    expect(budget.spentMicros).toBeGreaterThan(0);
  });

  it("counts this month's part of each period alone", async () => {
    const tenant = await newTenant();
    const date = new Date();
    const month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    await patch(tenant, { budget: { limitMicros: 1_000_000 } });
    await ran(tenant, LONG_AGO, month);
    expect((await account(tenant)).budget.spentMicros).toBe(0);
    await ran(tenant, LONG_AGO, month + 1_000);
    // One second of it, by the list price that the usage has as well.
    const rate = findRates(flattenCards(RATE_CARDS), {
      provider: "fly",
      region: ANY_REGION,
      day: month,
      spec: BIG,
    });
    const spentMicros = Math.round((rate ? machineRate(rate, BIG) : 0) / 1e6);
    expect(spentMicros).toBeGreaterThan(0);
    expect((await account(tenant)).budget).toMatchObject({
      spentMicros,
      leftMicros: 1_000_000 - spentMicros,
    });
  });

  it.each(["refuse", "suspend"])("that is spent lets nothing start, with %s", async (action) => {
    const tenant = await newTenant();
    const { body } = await tenant.call("POST", "/api/instances?wait=60", AIDER);
    const act = (name: string) => tenant.call("POST", `/api/instances/${body.id}/action`, { action: name });
    await spend(tenant);
    await patch(tenant, { budget: { limitMicros: 1, action } });
    const refused = await tenant.call("POST", "/api/instances", AIDER);
    expect(refused).toMatchObject({
      status: 403,
      body: { code: "budget_exceeded", hint: expect.stringContaining("first of the month") },
    });
    expect((await act("stop")).status).toBe(200);
    expect((await act("start")).body.code).toBe("budget_exceeded");
    expect((await act("restart")).body.code).toBe("budget_exceeded");
    await patch(tenant, { budget: { limitMicros: 10 ** 15 } });
    expect((await act("start")).status).toBe(200);
    await tenant.call("DELETE", `/api/instances/${body.id}`);
  });

  it("that is spent only warns, with warn", async () => {
    const tenant = await newTenant();
    await spend(tenant);
    await patch(tenant, { budget: { limitMicros: 1, action: "warn" } });
    const { status, body } = await tenant.call("POST", "/api/instances?wait=60", AIDER);
    expect(status).toBe(201);
    await hourly();
    const { instance } = (await tenant.call("GET", `/api/instances/${body.id}`)).body;
    expect(instance.status).toBe("running");
    expect((await account(tenant)).budget).toMatchObject({ leftMicros: 0, action: "warn" });
    await tenant.call("DELETE", `/api/instances/${body.id}`);
  });

  it("that is spent puts what runs to sleep within the hour, with suspend, and a command does not wake it", async () => {
    const tenant = await newTenant();
    const other = await newTenant();
    const mine = (await tenant.call("POST", "/api/instances?wait=60", AIDER)).body;
    const theirs = (await other.call("POST", "/api/instances?wait=60", AIDER)).body;
    await spend(tenant);
    await spend(other);
    await patch(tenant, { budget: { limitMicros: 1, action: "suspend" } });
    await patch(other, { budget: { limitMicros: 10 ** 15, action: "suspend" } });
    await hourly();
    const stateOf = async (who: Tenant, id: string) =>
      (await who.call("GET", `/api/instances/${id}`)).body.instance.status;
    while ((await stateOf(tenant, mine.id)) === "suspending") {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await stateOf(tenant, mine.id)).toBe("suspended");
    expect(await stateOf(other, theirs.id)).toBe("running");
    const exec = await tenant.call("POST", `/api/instances/${mine.id}/exec`, { command: "true" });
    expect([exec.status, exec.body.code]).toEqual([403, "budget_exceeded"]);
    const periods = (await tenant.call("GET", `/api/instances/${mine.id}/periods`)).body.periods;
    expect(periods.map(({ actor }: { actor: string }) => actor)).toContain("system:budget");
    await tenant.call("DELETE", `/api/instances/${mine.id}`);
    await other.call("DELETE", `/api/instances/${theirs.id}`);
  });
});
