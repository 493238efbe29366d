import { beforeAll, describe, expect, it } from "vitest";
import { AIDER, call, env, newTenant, type Tenant } from "../harness.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await newTenant();
});

const visit = (subdomain: string) =>
  call("GET", "/", { host: `${subdomain}.gentity.test`, headers: { Accept: "text/html" } });
const rotate = (id: string) => owner.call("POST", `/api/instances/${id}/rotate-url`);

async function create(over: object = {}) {
  const { body } = await owner.call("POST", "/api/instances?wait=60", { ...AIDER, ...over });
  expect(body).toMatchObject({ status: "running" });
  return body as { id: string; subdomain: string };
}

async function answersUntil404(subdomain: string): Promise<void> {
  while ((await visit(subdomain)).status !== 404) {
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

describe("rotate-url", () => {
  it("moves a running instance, whose old address dies also where its route was in memory", async () => {
    const { id, subdomain } = await create();
    expect((await visit(subdomain)).status).toBe(200);
    const { status, body } = await rotate(id);
    expect(status).toBe(200);
    expect(body.instance).toMatchObject({ id, status: "running", generation: 2, notices: [] });
    expect(body.instance.subdomain).not.toBe(subdomain);
    expect((await visit(body.instance.subdomain)).status).toBe(200);
    await answersUntil404(subdomain);
    const events = await env.DB.prepare(
      "SELECT account_id, detail FROM audit_events WHERE instance_id = ? AND action = 'instance.rotate_url'",
    )
      .bind(id)
      .all();
    expect(events.results).toEqual([{ account_id: owner.accountId, detail: null }]);
    await owner.call("DELETE", `/api/instances/${id}`);
  });

  it("tells an agent that knows its address at the next start, and says so until then", async () => {
    const hermes = { agentType: "hermes", modelProvider: "anthropic", modelName: "claude-sonnet-4-6" };
    const { id } = await create(hermes);
    const { body } = await rotate(id);
    expect(body.instance.notices).toMatchObject([{ code: "address_pending" }]);
    const action = await owner.call("POST", `/api/instances/${id}/action`, { action: "restart" });
    expect(action.body).toEqual({ ok: true, status: "running" });
    const { instance } = (await owner.call("GET", `/api/instances/${id}`)).body;
    expect(instance.notices).toEqual([]);
    const { stdout } = (
      await owner.call("POST", `/api/instances/${id}/exec`, { command: "echo $HERMES_DASHBOARD_PUBLIC_URL" })
    ).body;
    expect(stdout).toContain(instance.subdomain);
    await owner.call("DELETE", `/api/instances/${id}`);
  });

  it("is refused while the instance is on its way somewhere", async () => {
    const { body } = await owner.call("POST", "/api/instances", AIDER);
    const answer = await rotate(body.id);
    expect([answer.status, answer.body.code]).toEqual([409, "invalid_state"]);
    await owner.call("DELETE", `/api/instances/${body.id}`);
  });

  it("has its name for itself: no create gets one that is reserved", async () => {
    const { id } = await create();
    const { results } = await env.DB.prepare("SELECT name FROM subdomains WHERE instance_id = ?")
      .bind(id)
      .all();
    expect(results).toEqual([]);
    const { subdomain } = (await rotate(id)).body.instance;
    await env.DB.prepare("INSERT INTO subdomains VALUES ('ai-reserved0', 'cmpother', 0)").run();
    const copy = env.DB.prepare(
      `INSERT INTO instances (id, account_id, subdomain, name, agent_type, release, image, model_provider, model_name, provider,
        region, spec, exposure, access, labels, state, state_since, generation, version, created_at, updated_at)
       SELECT 'cmpnew', account_id, 'ai-reserved0', name, agent_type, release, image, model_provider, model_name, provider,
        region, spec, exposure, access, labels, state, state_since, 1, 1, 0, 0 FROM instances WHERE subdomain = ?`,
    ).bind(subdomain);
    await expect(copy.run()).rejects.toThrow("reserved");
    await owner.call("DELETE", `/api/instances/${id}`);
  });
});
