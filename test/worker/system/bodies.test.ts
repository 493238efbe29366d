import { describe, expect, it } from "vitest";
import { chooseBodyProvider } from "../../../src/services/bodies/provider.ts";
import { AIDER, call, env, newTenant, stubOf, type Tenant } from "../harness.ts";

/** As small as can be, since every test has its own. */
const SMALL = { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 1 };

const put = (tenant: Tenant, workspace: string, body: object = { spec: SMALL }) =>
  tenant.call("PUT", `/api/workspaces/${workspace}/body`, body);

async function running(tenant: Tenant, id: string): Promise<any> {
  for (;;) {
    const { body } = await tenant.call("GET", `/api/instances/${id}`);
    if (body.instance.status !== "creating") return body.instance;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("PUT body", () => {
  it("makes the seed's body, private and without an address", async () => {
    const tenant = await newTenant();
    const { status, body } = await put(tenant, "ws-1", { goal: "Fix the build" });
    expect(status).toBe(201);
    expect(body.instance).toMatchObject({
      name: "Fix the build",
      agentType: "body",
      exposure: "private",
      workspaceId: "ws-1",
      url: null,
      subdomain: "",
      region: "iad",
      provider: "fly",
      spec: { cpuKind: "performance", cpus: 2, memoryMb: 4096 },
      image: { ref: "nikolaik/python-nodejs:python3.12-nodejs22", outdated: false },
      idleTimeoutSeconds: 300,
    });
    expect(await running(tenant, body.instance.id)).toMatchObject({ status: "running" });
    const again = await put(tenant, "ws-1", { goal: "Another", spec: SMALL, image: "debian:12" });
    expect([again.status, again.body.instance.id]).toEqual([200, body.instance.id]);
    expect(again.body.instance).toMatchObject({ name: "Fix the build", spec: { memoryMb: 4096 } });
    await tenant.call("DELETE", `/api/instances/${body.instance.id}`);
  });

  it("makes exactly one for ten that ask at once (lesson 12)", async () => {
    const tenant = await newTenant();
    const answers = await Promise.all(Array.from({ length: 10 }, () => put(tenant, "ws-1")));
    expect(new Set(answers.map(({ body }) => body.instance.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201]);
    const { results } = await env.DB.prepare(
      "SELECT id FROM audit_events WHERE account_id = ? AND action = ?",
    )
      .bind(tenant.accountId, "instance.create")
      .all();
    expect(results).toHaveLength(1);
    await tenant.call("DELETE", `/api/instances/${answers[0]?.body.instance.id}`);
  });

  it("is one per workspace and account", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const bodies = [await put(one, "a"), await put(one, "b"), await put(two, "a")];
    const ids = bodies.map(({ body }) => body.instance.id);
    expect(new Set(ids).size).toBe(3);
    for (const [at, tenant] of [one, one, two].entries())
      await tenant.call("DELETE", `/api/instances/${ids[at]}`);
  });

  it("makes a new one when the last is deleted, also right behind the delete", async () => {
    const tenant = await newTenant();
    const { body: first } = await put(tenant, "ws-1");
    await running(tenant, first.instance.id);
    const deleted = tenant.call("DELETE", `/api/instances/${first.instance.id}`);
    let second = await put(tenant, "ws-1");
    // The put may have come in before the delete.
    if (second.body.instance.id === first.instance.id) {
      await deleted;
      second = await put(tenant, "ws-1");
    }
    expect([second.status, second.body.instance.id === first.instance.id]).toEqual([201, false]);
    await deleted;
    await tenant.call("DELETE", `/api/instances/${second.body.instance.id}`);
  });

  it("replaces one whose creation failed and left nothing", async () => {
    const tenant = await newTenant();
    const app = `gentity-bodies-${tenant.accountId.replaceAll("_", "-")}`;
    await fetch(`${env.FLY_API_URL}/_control/faults`, {
      method: "POST",
      headers: { Authorization: `Bearer ${env.FLY_API_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        kind: "capacity",
        match: { method: "POST", path: `^/v1/apps/${app}/machines$`, count: 1 },
      }),
    });
    const { body: first } = await put(tenant, "ws-1");
    expect(await running(tenant, first.instance.id)).toMatchObject({ status: "error" });
    const second = await put(tenant, "ws-1");
    expect([second.status, second.body.instance.id === first.instance.id]).toEqual([201, false]);
    expect(await running(tenant, second.body.instance.id)).toMatchObject({ status: "running" });
    await tenant.call("DELETE", `/api/instances/${second.body.instance.id}`);
  });

  it("holds to the quota", async () => {
    const tenant = await newTenant();
    await env.DB.prepare("UPDATE accounts SET max_memory_mb = 4000 WHERE id = ?")
      .bind(tenant.accountId)
      .run();
    const refused = await put(tenant, "ws-1", {});
    expect([refused.status, refused.body.code]).toEqual([403, "quota_exceeded"]);
    expect((await tenant.call("GET", "/api/instances?exposure=all")).body.instances).toEqual([]);
  });

  it.each([
    ["a strange workspace", "a%2Fb", {}, "invalid_request"],
    ["an impossible size", "ws-1", { spec: { cpus: 3 } }, "invalid_size"],
    ["a strange image", "ws-1", { image: "-rf" }, "invalid_request"],
    ["an unknown field", "ws-1", { apiKey: "sk" }, "invalid_request"],
  ])("refuses %s", async (_, workspace, body, code) => {
    const tenant = await newTenant();
    expect((await put(tenant, workspace, body)).body.code).toBe(code);
  });
});

describe("a body", () => {
  it("is in no list of instances but its own, answers at no address, and cannot be moved away", async () => {
    const tenant = await newTenant();
    const { body } = await put(tenant, "ws-1");
    const { id } = body.instance;
    const other = await tenant.call("POST", "/api/instances", AIDER);
    const listed = async (query: string) =>
      (await tenant.call("GET", `/api/instances${query}`)).body.instances.map((each: any) => each.id);
    expect(await listed("")).toEqual([other.body.id]);
    expect(await listed("?exposure=private")).toEqual([id]);
    expect((await listed("?exposure=all")).sort()).toEqual([id, other.body.id].sort());
    expect((await call("GET", "/", { host: `${id}.gentity.test` })).status).toBe(404);
    for (const [path, input] of [
      ["rotate-url", undefined],
      ["clone", {}],
      ["transfer", { to: "x@test" }],
    ] as const) {
      const refused = await tenant.call("POST", `/api/instances/${id}/${path}`, input);
      expect([refused.status, refused.body.code]).toEqual([409, "invalid_state"]);
    }
    for (const each of [id, other.body.id]) await tenant.call("DELETE", `/api/instances/${each}`);
  });
});

describe("where a body goes", () => {
  const bodies = { region: "iad" } as never;
  it("is Fly, else Daytona, else nowhere, and then the two variables are named", () => {
    const fly = {} as never;
    const daytona = {} as never;
    expect(chooseBodyProvider({ fly, daytona, bodies })).toEqual({ provider: "fly", region: "iad" });
    expect(chooseBodyProvider({ fly: undefined, daytona, bodies }).provider).toBe("daytona");
    const neither = () => chooseBodyProvider({ fly: undefined, daytona: undefined, bodies });
    expect(neither).toThrow(
      expect.objectContaining({
        code: "not_configured",
        hint: expect.stringMatching(/FLY_API_TOKEN.*DAYTONA_API_KEY/),
      }),
    );
  });
});

describe("POST run", () => {
  const run = (tenant: Tenant, command: string | string[], more: object = {}, headers = {}) =>
    tenant.call("POST", "/api/workspaces/ws-1/run", { command, spec: SMALL, ...more }, headers);

  it("makes the body, runs on it, and says what ran it", async () => {
    const tenant = await newTenant();
    const { status, body } = await run(tenant, "pwd; echo err >&2; cat; exit 3", { stdin: "in" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      substrate: "fly-machine",
      exitCode: 3,
      signal: null,
      stdout: "/workspace\nin",
      stderr: "err\n",
      truncated: false,
      durationMs: expect.any(Number),
      instanceId: expect.stringMatching(/^cmp/),
    });
    const again = await run(tenant, ["sh", "-c", "kill -TERM $$"]);
    expect(again.body).toMatchObject({ instanceId: body.instanceId, exitCode: 143, signal: "SIGTERM" });
    await tenant.call("DELETE", `/api/instances/${body.instanceId}`);
  });

  it("runs five at once on one body that none of them had", async () => {
    const tenant = await newTenant();
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => run(tenant, `echo ${n}`)));
    expect(answers.map(({ body }) => body.stdout)).toEqual(["1\n", "2\n", "3\n", "4\n", "5\n"]);
    expect(new Set(answers.map(({ body }) => body.instanceId)).size).toBe(1);
    await tenant.call("DELETE", `/api/instances/${answers[0]?.body.instanceId}`);
  });

  it("wakes it when it sleeps, and starts it when it is stopped, with its files", async () => {
    const tenant = await newTenant();
    const { body } = await run(tenant, "echo kept > a; echo root > /root/b");
    const act = (action: string) =>
      tenant.call("POST", `/api/instances/${body.instanceId}/action`, { action });
    await act("suspend");
    expect((await run(tenant, "cat a /root/b")).body.stdout).toBe("kept\nroot\n");
    await act("stop");
    expect((await run(tenant, "cat a")).body.stdout).toBe("kept\n");
    await tenant.call("DELETE", `/api/instances/${body.instanceId}`);
  });

  it("streams, and tells first where it runs", async () => {
    const tenant = await newTenant();
    const { body } = await run(tenant, "echo out; exit 4", {}, { Accept: "text/event-stream" });
    const events = String(body)
      .split("\n\n")
      .flatMap((block) => /^event: (\w+)\ndata: (.*)$/m.exec(block)?.slice(1) ?? []);
    expect(events[0]).toBe("body");
    const { instanceId, substrate } = JSON.parse(events[1] ?? "");
    expect(substrate).toBe("fly-machine");
    expect(events.slice(2, 4)).toEqual(["stdout", JSON.stringify({ data: btoa("out\n") })]);
    expect(events[4]).toBe("exit");
    expect(JSON.parse(events[5] ?? "")).toMatchObject({ exitCode: 4 });
    await tenant.call("DELETE", `/api/instances/${instanceId}`);
  });

  it("detaches, and is asked for at the instance", async () => {
    const tenant = await newTenant();
    const { status, body } = await run(tenant, "echo later", { detach: true });
    expect(status).toBe(202);
    for (;;) {
      const path = `/api/instances/${body.instanceId}/exec/${body.execId}`;
      const seen = (await tenant.call("GET", path)).body;
      if (seen.status === "exited") {
        expect(seen).toMatchObject({ stdout: "later\n", exitCode: 0 });
        break;
      }
    }
    await tenant.call("DELETE", `/api/instances/${body.instanceId}`);
  });

  it("acts once with one Idempotency-Key (lesson 12)", async () => {
    const tenant = await newTenant();
    const headers = { "Idempotency-Key": "once" };
    const first = await run(tenant, "echo x >> n; wc -l < n", {}, headers);
    const again = await run(tenant, "echo x >> n; wc -l < n", {}, headers);
    expect([first.body.stdout.trim(), again.body]).toEqual(["1", first.body]);
    expect((await run(tenant, "wc -l < n")).body.stdout.trim()).toBe("1");
    await tenant.call("DELETE", `/api/instances/${first.body.instanceId}`);
  });
});

describe("idle", () => {
  const run = (tenant: Tenant, command: string, more: object = {}) =>
    tenant.call("POST", "/api/workspaces/ws-1/run", { command, spec: SMALL, ...more });
  const reach = async (tenant: Tenant, id: string, status: string) => {
    for (;;) {
      const { body } = await tenant.call("GET", `/api/instances/${id}`);
      if (body.instance.status === status) return body.instance;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  it("lesson 2: a body sleeps by itself when nothing is at work, never in mid-job, and wakes for the next run", async () => {
    const tenant = await newTenant();
    const job = "for i in $(seq 40); do echo $i >> log; sleep 0.1; done";
    const { body } = await run(tenant, job, { detach: true });
    const { instanceId: id, execId } = body;
    const patched = await tenant.call("PATCH", `/api/instances/${id}`, { idleTimeoutSeconds: 1 });
    expect(patched.body.instance).toMatchObject({ idleTimeoutSeconds: 1 });
    // Whoever started it says no more, and the job goes on all the same: it is found at work.
    await stubOf(id).endWork(execId);
    const asleep = await reach(tenant, id, "suspended");
    expect(asleep).toMatchObject({ awake: null, lastSuspend: { outcome: "suspended" } });
    const woken = await run(tenant, "wc -l < log");
    expect(woken.body).toMatchObject({ instanceId: id, stdout: "40\n" });
    await tenant.call("DELETE", `/api/instances/${id}`);
  });

  it("is put off by a hold, which says why and until when", async () => {
    const tenant = await newTenant();
    const { instanceId: id } = (await run(tenant, "true")).body;
    const hold = (seconds: number) =>
      tenant.call("POST", `/api/instances/${id}/hold`, { seconds, reason: "a long build" });
    const held = await hold(600);
    expect(held.body.instance.awake).toMatchObject({ reason: "a long build" });
    expect(Date.parse(held.body.instance.awake.until)).toBeGreaterThan(Date.now() + 500_000);
    await tenant.call("PATCH", `/api/instances/${id}`, { idleTimeoutSeconds: 1 });
    expect((await hold(0)).status).toBe(200);
    await reach(tenant, id, "suspended");
    expect(await hold(60)).toMatchObject({ status: 409, body: { code: "invalid_state" } });
    await tenant.call("DELETE", `/api/instances/${id}`);
  });

  it.each([
    ["on a server, which no vendor freezes", { provider: "hetzner" }, "hetzner cannot suspend"],
    ["above what Fly suspends", { spec: { cpus: 2, memoryMb: 4096 } }, "2048 MB"],
  ])("is refused to an instance %s", async (_, where, why) => {
    const tenant = await newTenant();
    const asked = await tenant.call("POST", "/api/instances", { ...AIDER, ...where, idleTimeoutSeconds: 60 });
    expect([asked.status, asked.body.code]).toEqual([400, "invalid_request"]);
    expect(asked.body.error).toContain(why);
    expect((await tenant.call("GET", "/api/instances")).body.instances).toEqual([]);
    const { id } = (await tenant.call("POST", "/api/instances", { ...AIDER, ...where })).body;
    const patch = (idleTimeoutSeconds: number | null) =>
      tenant.call("PATCH", `/api/instances/${id}`, { idleTimeoutSeconds });
    expect(await patch(60)).toMatchObject({
      status: 400,
      body: { code: "invalid_request", details: [{ field: "idleTimeoutSeconds" }] },
    });
    expect((await patch(null)).status).toBe(200);
    await tenant.call("DELETE", `/api/instances/${id}`);
  });
});

describe("GET fleet", () => {
  it("lists the account's machines, with an uptime that sleep does not add to, and its estimated cost", async () => {
    const [tenant, stranger] = [await newTenant(), await newTenant()];
    const empty = await tenant.call("GET", "/api/fleet");
    expect(empty.body).toEqual({
      configured: true,
      providers: { fly: true, hetzner: true, daytona: false },
      machines: [],
      totals: { machines: 0, started: 0, uptimeMs: 0, computeCostMicros: 0, estimated: true },
    });
    const { instanceId: id } = (
      await tenant.call("POST", "/api/workspaces/ws-1/run", { command: "sleep 1", spec: SMALL })
    ).body;
    const look = async () => (await tenant.call("GET", "/api/fleet")).body;
    expect((await look()).machines).toMatchObject([
      {
        id,
        workspaceId: "ws-1",
        exposure: "private",
        state: "running",
        startedAt: expect.any(String),
        estimated: true,
      },
    ]);
    await tenant.call("POST", `/api/instances/${id}/action`, { action: "suspend" });
    const [asleep] = (await look()).machines;
    expect(asleep).toMatchObject({ state: "suspended", startedAt: null });
    expect(asleep.uptimeMs).toBeGreaterThanOrEqual(1_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const later = await look();
    expect(later.machines[0].uptimeMs).toBe(asleep.uptimeMs);
    expect(later.totals).toMatchObject({ machines: 1, started: 0, uptimeMs: asleep.uptimeMs });
    const { body } = await tenant.call("GET", `/api/instances/${id}/periods`);
    const ran = body.periods.filter(({ meter }: any) => meter === "running");
    const ms = ran.map(({ startedAt, endedAt }: any) => Date.parse(endedAt) - Date.parse(startedAt));
    expect(asleep.uptimeMs).toBe(ms.reduce((a: number, b: number) => a + b, 0));
    // $0.0000002675 a second and cpu, $0.00000193 a second and GB.
    const rate = 267_500 + Math.floor(1_930_000 / 4);
    expect(asleep.computeCostMicros).toBe(Math.round((asleep.uptimeMs * rate) / 1e9));
    expect((await stranger.call("GET", "/api/fleet")).body.machines).toEqual([]);
    await tenant.call("DELETE", `/api/instances/${id}`);
  });
});
