import { beforeAll, describe, expect, it } from "vitest";
import { AIDER, call, env, newTenant, type Tenant } from "../harness.ts";

let owner: Tenant;
let id: string;
let host: string;

const HTML = { headers: { Accept: "text/html" } };
const visit = (path = "/", options: object = {}) => call("GET", path, { host, ...HTML, ...options });
const act = (action: string) => owner.call("POST", `/api/instances/${id}/action`, { action });

beforeAll(async () => {
  owner = await newTenant();
  const { body } = await owner.call("POST", "/api/instances?wait=60", AIDER);
  expect(body).toMatchObject({ status: "running" });
  id = body.id;
  host = `${body.subdomain}.gentity.test`;
});

describe("the edge, by the state of the instance", () => {
  it("running: the agent's own page", async () => {
    const answer = await visit();
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("Aider");
  });

  it("stopped: 502 and a page that says why; started again: served", async () => {
    expect((await act("stop")).body).toEqual({ ok: true, status: "stopped" });
    const stopped = await visit();
    expect(stopped.status).toBe(502);
    expect(stopped.body).toContain("stopped");
    expect(stopped.headers.get("Cache-Control")).toBe("no-store");
    expect((await act("start")).body).toEqual({ ok: true, status: "running" });
    expect((await visit()).status).toBe(200);
  });

  it("stopped: a program gets JSON", async () => {
    await act("stop");
    const answer = await call("GET", "/", { host });
    expect(answer.status).toBe(502);
    expect(answer.body).toMatchObject({
      error: expect.stringContaining("stopped"),
      hint: expect.any(String),
    });
    await act("start");
  });

  it.each([
    ["creating", 503, "2"],
    ["error", 502, null],
  ])("%s: %i", async (state, status, retryAfter) => {
    const subdomain = `ai-${state.slice(0, 3)}00000`;
    await env.DB.prepare(
      `INSERT INTO instances (id, account_id, subdomain, name, agent_type, release, image, model_provider, model_name, provider, region,
        spec, exposure, access, labels, state, state_since, problem, generation, version, created_at, updated_at)
       SELECT 'cmp' || ?1, account_id, ?1, name, agent_type, release, image, model_provider, model_name, provider, region,
        spec, exposure, access, labels, ?2, state_since, '{"code":"x","message":"no <room>"}', 1, 1, 0, 0 FROM instances WHERE id = ?3`,
    )
      .bind(subdomain, state, id)
      .run();
    const answer = await call("GET", "/", { host: `${subdomain}.gentity.test`, ...HTML });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("Retry-After")).toBe(retryAfter);
    if (state === "error") {
      expect(answer.body).toContain("no &lt;room&gt;");
    } else {
      expect(answer.body).toContain('http-equiv="refresh"');
    }
  });

  it("deleted: like a name that never existed", async () => {
    const { body } = await owner.call("POST", "/api/instances?wait=60", { ...AIDER, name: "short-lived" });
    expect((await owner.call("DELETE", `/api/instances/${body.id}`)).body).toEqual({ ok: true });
    const gone = await call("GET", "/", { host: `${body.subdomain}.gentity.test`, ...HTML });
    const never = await call("GET", "/", { host: "ai-neverwas.gentity.test", ...HTML });
    expect([gone.status, gone.body]).toEqual([404, never.body]);
  });
});

describe("hosts", () => {
  it.each([
    ["made up", "ai-00000000.gentity.test"],
    ["reserved", "admin.gentity.test"],
    ["too deep", "a.b.gentity.test"],
    ["absurdly long", `${"a".repeat(63)}.gentity.test`],
    ["somebody else's", "example.com"],
    ["only ending alike", "evilgentity.test"],
  ])("%s: 404", async (_, unknown) => {
    expect((await call("GET", "/", { host: unknown, ...HTML })).status).toBe(404);
  });

  it.each([
    ["uppercase", (name: string) => name.toUpperCase()],
    ["a trailing dot", (name: string) => `${name}.`],
    ["a port", (name: string) => `${name}:8787`],
  ])("%s is the same instance", async (_, spell) => {
    expect((await call("GET", "/", { host: spell(host), ...HTML })).status).toBe(200);
  });
});

describe("a machine that is gone behind our back", () => {
  it("is noticed by the first request that is refused, not at the next check", async () => {
    const { body } = await owner.call("POST", "/api/instances?wait=60", { ...AIDER, name: "doomed" });
    const { machine } = (await env.DB.prepare("SELECT machine FROM instances WHERE id = ?")
      .bind(body.id)
      .first()) as { machine: string };
    const control = {
      method: "POST",
      headers: { Authorization: "Bearer local", "Content-Type": "application/json" },
      body: "{}",
    };
    await fetch(`${env.FLY_API_URL}/_control/machines/${machine}/vanish`, control);
    // The doubt is thrown at most every five seconds after the last look.
    for (let tries = 0; tries < 40; tries++) {
      await call("GET", "/", { host: `${body.subdomain}.gentity.test`, ...HTML });
      const { instance } = (await owner.call("GET", `/api/instances/${body.id}`)).body;
      if (instance.status === "error") {
        expect(instance.errorMessage).toContain("gone");
        await owner.call("DELETE", `/api/instances/${body.id}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error("nobody noticed");
  });
});
