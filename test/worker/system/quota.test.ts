import { describe, expect, it } from "vitest";
import { AIDER, env, newTenant, operate, type Tenant } from "../harness.ts";

const limit = (tenant: Tenant, quota: object) =>
  operate("PATCH", `/api/admin/accounts/${tenant.accountId}`, { quota });
const create = (tenant: Tenant, over: object = {}, query = "") =>
  tenant.call("POST", `/api/instances${query}`, { ...AIDER, ...over });
const remove = (tenant: Tenant, id: string) => tenant.call("DELETE", `/api/instances/${id}`);
const count = async (tenant: Tenant) =>
  (await tenant.call("GET", "/api/instances")).body.instances.length as number;

/** As if the vendor had brought it there: the record alone is what the quota counts. */
const setState = (id: string, state: string) =>
  env.DB.prepare("UPDATE instances SET state = ? WHERE id = ?").bind(state, id).run();

describe("the quota of instances", () => {
  it("lets in as many as there is room for, of twenty at once", async () => {
    const tenant = await newTenant();
    await limit(tenant, { instances: 3 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(tenant)));
    const made = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 403);
    expect([made.length, refused.length]).toEqual([3, 17]);
    expect(await count(tenant)).toBe(3);
    const { results } = await env.DB.prepare(
      "SELECT count(*) AS n FROM audit_events WHERE account_id = ? AND action = 'instance.create'",
    )
      .bind(tenant.accountId)
      .all();
    expect(results).toEqual([{ n: 3 }]);
    await Promise.all(made.map(({ body }) => remove(tenant, body.id)));
  });

  it("says how much is used and what to do, and gives way when something is deleted", async () => {
    const tenant = await newTenant();
    await limit(tenant, { instances: 1 });
    const { body } = await create(tenant, {}, "?wait=60");
    expect(body.status).toBe("running");
    const refused = await create(tenant);
    expect(refused).toMatchObject({
      status: 403,
      body: {
        code: "quota_exceeded",
        error: "The account has 1 of 1 instances.",
        hint: expect.stringContaining("gentity compute list"),
        details: [
          { resource: "instances", used: 1, limit: 1 },
          { resource: "memoryMb", used: 2048, limit: 65_536 },
        ],
      },
    });
    await remove(tenant, body.id);
    const again = await create(tenant);
    expect(again.status).toBe(202);
    await remove(tenant, again.body.id);
  });

  it("is one account's own, and none is allowed where it is zero", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await limit(one, { instances: 0 });
    expect((await create(one)).body.code).toBe("quota_exceeded");
    const { status, body } = await create(two);
    expect(status).toBe(202);
    await remove(two, body.id);
  });

  it("does not count a create that is asked for twice with one Idempotency-Key", async () => {
    const tenant = await newTenant();
    await limit(tenant, { instances: 1 });
    const headers = { "Idempotency-Key": "once" };
    const first = await tenant.call("POST", "/api/instances", AIDER, headers);
    const again = await tenant.call("POST", "/api/instances", AIDER, headers);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    await remove(tenant, first.body.id);
  });
});

describe("the quota of memory", () => {
  it("counts what each instance has, to the last megabyte", async () => {
    const tenant = await newTenant();
    await limit(tenant, { memoryMb: 4096 });
    const big = { spec: { cpus: 2, memoryMb: 3072 } };
    const small = { spec: { memoryMb: 1024 } };
    const first = await create(tenant, big);
    expect(first.status).toBe(202);
    const refused = await create(tenant, { spec: { memoryMb: 1280 } });
    expect(refused.body).toMatchObject({
      code: "quota_exceeded",
      error: "The account uses 3072 of 4096 MB of memory; this needs 1280 MB.",
    });
    const second = await create(tenant, small);
    expect(second.status).toBe(202);
    expect((await create(tenant, { spec: { memoryMb: 256 } })).body.code).toBe("quota_exceeded");
    await Promise.all([first, second].map(({ body }) => remove(tenant, body.id)));
  });
});

describe("undeletable sandboxes blocked the quota for hours (lesson 8)", () => {
  const control = (method: string, path: string, body?: object) =>
    fetch(`${env.FLY_API_URL}/_control/faults${path}`, {
      method,
      headers: { Authorization: `Bearer ${env.FLY_API_TOKEN}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });

  it("a vendor that will not delete holds nobody up, and the deletion ends when it will", async () => {
    const tenant = await newTenant();
    await limit(tenant, { instances: 1 });
    const { id } = (await create(tenant, {}, "?wait=60")).body;
    const match = { method: "DELETE", app: `gentity-${id}` };
    const rule = await control("POST", "", { kind: "error_before", status: 500, match });
    const fault = (await rule.json<{ id: string }>()).id;
    const deletion = remove(tenant, id);
    while ((await tenant.call("GET", "/api/account")).body.account.quota.instances.used > 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const next = await create(tenant);
    expect(next.status).toBe(202);
    expect((await tenant.call("GET", `/api/instances/${id}`)).body.instance.status).toBe("deleting");
    expect((await control("DELETE", `/${fault}`)).status).toBe(204);
    expect((await deletion).body).toMatchObject({ ok: true });
    await remove(tenant, next.body.id);
  });

  it.each(["error", "deleting"])("one in %s holds no quota, however long the vendor takes", async (state) => {
    const tenant = await newTenant();
    await limit(tenant, { instances: 1, memoryMb: 2048 });
    const stuck = await create(tenant, {}, "?wait=60");
    expect((await create(tenant)).body.code).toBe("quota_exceeded");
    await setState(stuck.body.id, state);
    const next = await create(tenant);
    expect(next.status).toBe(202);
    await remove(tenant, next.body.id);
    await remove(tenant, stuck.body.id);
  });

  it("one in error that is to start again needs room, and can be deleted without", async () => {
    const tenant = await newTenant();
    await limit(tenant, { instances: 1 });
    const failed = await create(tenant, {}, "?wait=60");
    await setState(failed.body.id, "error");
    const next = await create(tenant);
    const start = await tenant.call("POST", `/api/instances/${failed.body.id}/action`, { action: "start" });
    expect([start.status, start.body.code]).toEqual([403, "quota_exceeded"]);
    expect((await remove(tenant, failed.body.id)).body).toEqual({ ok: true });
    await remove(tenant, next.body.id);
  });

  it("one in error may be stopped without room, and then not started until there is", async () => {
    const tenant = await newTenant();
    await limit(tenant, { instances: 1 });
    const failed = await create(tenant, {}, "?wait=60");
    await setState(failed.body.id, "error");
    const next = await create(tenant, {}, "?wait=60");
    const act = (action: string) =>
      tenant.call("POST", `/api/instances/${failed.body.id}/action`, { action });
    expect((await act("stop")).status).toBe(200);
    const refused = await act("start");
    expect([refused.status, refused.body.code]).toEqual([403, "quota_exceeded"]);
    await remove(tenant, next.body.id);
    expect((await act("start")).status).toBe(200);
    await remove(tenant, failed.body.id);
  });
});
