import { afterAll, beforeAll, describe, it } from "vitest";
import { eventually, TestCloud } from "../testing/harness.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud.close());

describe("apps", () => {
  it("are made with either name of the name, once", async ({ expect }) => {
    const first = await cloud.call("POST", "/v1/apps", {
      app_name: "taken",
      org_slug: "acme",
      network: "mine",
    });
    expect([first.status, typeof first.body.id, typeof first.body.created_at]).toEqual([
      201,
      "string",
      "number",
    ]);
    const second = await cloud.call("POST", "/v1/apps", { name: "taken", org_slug: "acme" });
    expect([second.status, second.body]).toEqual([
      422,
      { error: "Validation failed: Name has already been taken", status: "name_taken" },
    ]);
    const list = await cloud.call("GET", "/v1/apps?org_slug=acme");
    expect(list.body).toMatchObject({
      total_apps: 1,
      apps: [{ name: "taken", network: "mine", machine_count: 0 }],
    });
  });

  it("refuse strange names and strangers", async ({ expect }) => {
    expect((await cloud.call("POST", "/v1/apps", { name: "Not_OK", org_slug: "acme" })).status).toBe(422);
    const stranger = await cloud.call("GET", "/v1/apps/taken", undefined, { authorization: "Bearer wrong" });
    expect([stranger.status, stranger.body.error]).toEqual([401, "Authenticate: token validation error"]);
    expect(stranger.headers.get("fly-request-id")).not.toBeNull();
    const missing = await cloud.call("GET", "/v1/apps/nowhere");
    expect([missing.status, missing.headers.get("fly-request-id") !== null]).toEqual([404, true]);
  });

  it("take machines and volumes with them, and free their name", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const machine = await cloud.machine(app, { mounts: [{ volume, path: "/data" }] });
    expect((await cloud.call("DELETE", `/v1/apps/${app}?force=true`)).status).toBe(202);
    await eventually(async () => (await cloud.call("GET", `/v1/apps/${app}`)).status === 404);
    expect((await cloud.call("GET", machine.path)).status).toBe(404);
    expect((await cloud.call("POST", "/v1/apps", { name: app, org_slug: "personal" })).status).toBe(201);
    expect((await cloud.call("GET", `/v1/apps/${app}/volumes`)).body).toEqual([]);
  });

  it("have addresses", async ({ expect }) => {
    const app = await cloud.app(false);
    const path = `/v1/apps/${app}/ip_assignments`;
    const shared = await cloud.call("POST", path, { type: "shared_v4" });
    expect(shared.body).toMatchObject({ shared: true });
    const v6 = await cloud.call("POST", path, { type: "v6" });
    expect((await cloud.call("GET", path)).body.ips).toEqual([shared.body, v6.body]);
    expect((await cloud.call("DELETE", `${path}/${encodeURIComponent(v6.body.ip)}`)).status).toBe(204);
    expect((await cloud.call("GET", path)).body.ips).toEqual([shared.body]);
  });
});

describe("leases", () => {
  it("keep others from changing the machine, and let them look", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const lease = await cloud.call("POST", `${machine.path}/lease`, { ttl: 60, description: "deploy" });
    expect(lease.status).toBe(201);
    expect(lease.body).toMatchObject({
      status: "success",
      data: { description: "deploy", version: machine.instanceId },
    });
    const { nonce } = lease.body.data;
    for (const [method, path] of [
      ["POST", `${machine.path}/stop`],
      ["POST", `${machine.path}/lease`],
      ["DELETE", `${machine.path}?force=true`],
    ] as const) {
      const refused = await cloud.call(method, path);
      expect(refused.status).toBe(409);
      expect(refused.body.error).toMatch(/^machine ID \w+ lease currently held by .+, expires at \d{4}-/);
    }
    expect((await cloud.call("GET", `${machine.path}/lease`)).body.data.nonce).toBe(nonce);
    const holder = { "fly-machine-lease-nonce": nonce };
    expect((await cloud.call("POST", `${machine.path}/suspend`, undefined, holder)).status).toBe(200);
    expect((await cloud.call("DELETE", `${machine.path}/lease`, undefined, holder)).status).toBe(200);
    expect((await cloud.call("GET", `${machine.path}/lease`)).status).toBe(404);
  });

  it("come with a machine that asks for one, and run out", async ({ expect }) => {
    const app = await cloud.app();
    const { body } = await cloud.call("POST", `/v1/apps/${app}/machines`, {
      config: { image: "gentity/probe:1" },
      skip_launch: true,
      lease_ttl: 1,
    });
    expect(body.nonce).toMatch(/^[0-9a-f]+$/);
    const path = `/v1/apps/${app}/machines/${body.id}`;
    expect((await cloud.call("POST", `${path}/cordon`)).status).toBe(409);
    await eventually(async () => (await cloud.call("POST", `${path}/cordon`)).status === 200);
  });
});

describe("metadata", () => {
  it("changes without a new version", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { skip_launch: true, metadata: { a: "1" } });
    const path = `${machine.path}/metadata`;
    expect((await cloud.call("POST", `${path}/b`, { value: "2" })).status).toBe(204);
    expect((await cloud.call("GET", path)).body).toEqual({ a: "1", b: "2" });
    await cloud.call("PATCH", path, { metadata: { a: null, c: "3" } });
    expect((await cloud.call("GET", path)).body).toEqual({ b: "2", c: "3" });
    await cloud.call("PUT", path, { metadata: { d: "4" } });
    await cloud.call("DELETE", `${path}/b`);
    expect((await cloud.call("GET", path)).body).toEqual({ d: "4" });
    expect((await cloud.call("GET", `${path}/d`)).body).toEqual({ value: "4" });
    expect((await cloud.call("GET", `${path}/b`)).status).toBe(404);
    const stale = { metadata: { e: "5" }, machine_version: "other" };
    expect((await cloud.call("PUT", path, stale)).status).toBe(412);
    expect((await cloud.call("GET", machine.path)).body.instance_id).toBe(machine.instanceId);
  });
});

describe("the organisation and the platform", () => {
  it("lists machines and volumes of all apps, page by page", async ({ expect }) => {
    const found: string[] = [];
    let cursor = "";
    do {
      const { body } = await cloud.call("GET", `/v1/orgs/personal/machines?limit=1&cursor=${cursor}`);
      found.push(...body.machines.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor;
    } while (cursor !== "");
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBeGreaterThan(1);
    const volumes = await cloud.call("GET", "/v1/orgs/personal/volumes");
    expect(Array.isArray(volumes.body.volumes)).toBe(true);
  });

  it("names regions and room as the live service does", async ({ expect }) => {
    const regions = await cloud.call("GET", "/v1/platform/regions");
    expect(regions.body.Regions).toHaveLength(18);
    expect(regions.body.Nearest).toBe("iad");
    const placements = await cloud.call("POST", "/v1/platform/placements", {
      org_slug: "personal",
      region: "fra",
    });
    expect(placements.body.Regions).toEqual([{ Region: "fra", Count: 1000, Concurrency: 1 }]);
  });
});

describe("logs", () => {
  it("are the lines of the main command, after a token only the new ones", async ({ expect }) => {
    const app = await cloud.app();
    const talking = {
      exec: ["/bin/sh", "-c", "echo out; echo err >&2; trap 'echo more' USR1; while :; do sleep 0.05; done"],
    };
    const machine = await cloud.machine(app, { init: talking });
    await eventually(async () => (await cloud.logs(app)).length >= 2);
    const first = await cloud.call("GET", `/api/v1/apps/${app}/logs?instance=${machine.id}`);
    const messages = first.body.data.map(
      ({ attributes }: { attributes: { message: string } }) => attributes.message,
    );
    expect(messages.sort()).toEqual(["err", "out"]);
    expect(first.body.data[0]).toMatchObject({
      type: "log",
      attributes: {
        level: "info",
        instance: machine.id,
        region: "iad",
        meta: { event: { provider: "app" } },
      },
    });
    const token = first.body.meta.next_token;
    await cloud.act(machine, "signal", undefined, { signal: "SIGUSR1" });
    await eventually(async () => (await cloud.logs(app)).includes("more"));
    const next = await cloud.call("GET", `/api/v1/apps/${app}/logs?next_token=${token}`);
    expect(
      next.body.data.map(({ attributes }: { attributes: { message: string } }) => attributes.message),
    ).toEqual(["more"]);
  });
});
