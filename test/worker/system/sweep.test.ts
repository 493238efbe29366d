import { createScheduledController } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import worker from "../../../src/index.ts";
import { AIDER, env, newTenant, operate, type Tenant } from "../harness.ts";

const sweep = () => worker.scheduled(createScheduledController({ cron: "*/5 * * * *" }), env);

const vendor = (method: string, path: string, body?: unknown) =>
  fetch(`${env.FLY_API_URL}${path}`, {
    method,
    headers: { Authorization: `Bearer ${env.FLY_API_TOKEN}`, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

/** As if what happened in this test had been a while ago. */
async function age(instanceId: string, minutes: number): Promise<void> {
  const then = Date.now() - minutes * 60_000;
  await env.DB.batch([
    env.DB.prepare("UPDATE periods SET started_at = ?2 WHERE instance_id = ?1 AND ended_at IS NULL").bind(
      instanceId,
      then,
    ),
    env.DB.prepare("UPDATE instances SET state_since = ?2 WHERE id = ?1").bind(instanceId, then),
  ]);
}

async function create(tenant: Tenant): Promise<{ id: string; app: string; machine: string }> {
  const { body } = await tenant.call("POST", "/api/instances?wait=60", AIDER);
  expect(body.status).toBe("running");
  const app = `gentity-${body.id}`;
  const [machine] = await (await vendor("GET", `/v1/apps/${app}/machines`)).json<{ id: string }[]>();
  return { id: body.id, app, machine: machine?.id ?? "" };
}

async function reach(tenant: Tenant, id: string, status: string): Promise<any> {
  for (;;) {
    const { instance } = (await tenant.call("GET", `/api/instances/${id}`)).body;
    if (instance.status === status) return instance;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const findingsOf = async (id: string) =>
  (await operate("GET", "/api/admin/sweep")).body.findings.filter(
    ({ instanceId }: { instanceId: string }) => instanceId === id,
  );

const eventsOf = async (tenant: Tenant, action: string) =>
  (await tenant.call("GET", "/api/audit")).body.events.filter(
    (event: { action: string }) => event.action === action,
  );

describe("the sweep", () => {
  it("finds nothing on a healthy instance, and the operator sees that it looked", async () => {
    const tenant = await newTenant();
    const { id } = await create(tenant);
    await age(id, 30);
    await sweep();
    expect(await findingsOf(id)).toEqual([]);
    const { runs } = (await operate("GET", "/api/admin/sweep")).body;
    expect(runs).toContainEqual(expect.objectContaining({ provider: "fly", failure: null }));
    const limits = runs.find(({ provider }: { provider: string }) => provider === "hetzner")?.limits;
    expect(limits).toEqual([
      { name: "tunnels", used: 0, limit: 1_000 },
      { name: "DNS records", used: 0, limit: 200 },
    ]);
    await tenant.call("DELETE", `/api/instances/${id}`);
  });

  it("lesson 9: destroys what is left of a deleted instance, once its grace is over, and writes it down once", async () => {
    const tenant = await newTenant();
    const { id, app } = await create(tenant);
    await tenant.call("DELETE", `/api/instances/${id}`);
    // Somebody, or the vendor itself, brings it back.
    await vendor("POST", "/v1/apps", { app_name: app, org_slug: "personal", network: app });
    const { id: volume } = await (
      await vendor("POST", `/v1/apps/${app}/volumes`, {
        name: `data_${id}`.slice(0, 30),
        region: "iad",
        size_gb: 1,
      })
    ).json<{ id: string }>();
    expect(volume).toMatch(/^vol_/);
    await sweep();
    expect((await vendor("GET", `/v1/apps/${app}`)).status).toBe(200);
    await age(id, 20);
    await sweep();
    await sweep();
    expect((await vendor("GET", `/v1/apps/${app}`)).status).toBe(404);
    expect(await findingsOf(id)).toMatchObject([
      { kind: "orphan", ours: "deleted", actedAt: expect.any(String), resolvedAt: expect.any(String) },
    ]);
    expect(await eventsOf(tenant, "sweep.destroy")).toMatchObject([{ target: id, actor: "system:sweep" }]);
    expect(await eventsOf(tenant, "sweep.finding")).toMatchObject([{ detail: { kind: "orphan" } }]);
  });

  it("never touches what bears our name and was never ours", async () => {
    const app = `gentity-cmp0stranger${crypto.randomUUID().slice(0, 8)}`;
    await vendor("POST", "/v1/apps", { app_name: app, org_slug: "personal", network: app });
    await sweep();
    expect((await vendor("GET", `/v1/apps/${app}`)).status).toBe(200);
    expect(await findingsOf(app.slice("gentity-".length))).toMatchObject([
      { kind: "stranger", actedAt: null },
    ]);
    await vendor("DELETE", `/v1/apps/${app}?force=true`);
  });

  it.each(["start", "stop"])("notices a machine that vanished after a %s, and says so", async (last) => {
    const tenant = await newTenant();
    const { id, app, machine } = await create(tenant);
    if (last === "stop") await tenant.call("POST", `/api/instances/${id}/action`, { action: "stop" });
    expect((await vendor("DELETE", `/v1/apps/${app}/machines/${machine}?force=true`)).status).toBe(200);
    // The vendor lists a machine for a moment after it was destroyed.
    while ((await (await vendor("GET", `/v1/apps/${app}/machines`)).json<unknown[]>()).length > 0);
    await age(id, 10);
    await sweep();
    const instance = await reach(tenant, id, "error");
    expect(instance.errorMessage).toContain("gone at the vendor");
    await tenant.call("DELETE", `/api/instances/${id}`);
  });

  it("stops a machine that runs although its instance is stopped", async () => {
    const tenant = await newTenant();
    const { id, app, machine } = await create(tenant);
    await tenant.call("POST", `/api/instances/${id}/action`, { action: "stop" });
    await vendor("POST", `/v1/apps/${app}/machines/${machine}/start`);
    await age(id, 10);
    let state = "started";
    while (state !== "stopped") {
      await sweep();
      ({ state } = await (await vendor("GET", `/v1/apps/${app}/machines/${machine}`)).json<{
        state: string;
      }>());
    }
    await reach(tenant, id, "stopped");
    const states = (await tenant.call("GET", `/api/instances/${id}/periods`)).body.periods.map(
      (period: { state: string }) => period.state,
    );
    expect(states.slice(0, 2)).toEqual(["stopped", "stopping"]);
    await tenant.call("DELETE", `/api/instances/${id}`);
  });

  it("concludes nothing from a list that cannot be read", async () => {
    const tenant = await newTenant();
    const { id } = await create(tenant);
    await age(id, 30);
    const match = { method: "GET", path: "/v1/orgs/personal/machines" };
    const rule = await vendor("POST", "/_control/faults", { kind: "error_before", status: 500, match });
    const { id: fault } = await rule.json<{ id: string }>();
    await sweep();
    const { runs } = (await operate("GET", "/api/admin/sweep")).body;
    expect(runs).toContainEqual(expect.objectContaining({ provider: "fly", failure: expect.any(String) }));
    await vendor("DELETE", `/_control/faults/${fault}`);
    expect(await findingsOf(id)).toEqual([]);
    await tenant.call("DELETE", `/api/instances/${id}`);
  });
});
