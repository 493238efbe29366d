import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { TestDaytona } from "../testing/daytona.ts";
import { eventually, TestCloud } from "../testing/harness.ts";

let cloud: TestCloud;
let daytona: TestDaytona;
beforeAll(async () => {
  cloud = await TestCloud.start({ daytonaQuota: { cpu: 40, memory: 40, disk: 200 }, daytonaMinuteMs: 200 });
  daytona = new TestDaytona(() => cloud.cloud);
});
afterEach(async () => {
  await daytona.control("DELETE", "/faults");
});
afterAll(() => cloud.close());

describe("a sandbox", () => {
  it("is answered at once in a state between, and is started a little later", async ({ expect }) => {
    const { status, body } = await daytona.create({
      labels: { a: "1" },
      env: { KEY: "v" },
      cpu: 2,
      memory: 2,
    });
    expect(status).toBe(200);
    expect(["pending_build", "creating"]).toContain(body.state);
    expect(body).toMatchObject({
      desiredState: "started",
      sandboxClass: "container",
      labels: { a: "1" },
      env: { KEY: "v" },
      cpu: 2,
      memory: 2,
      disk: 3,
      autoStopInterval: 0,
    });
    await daytona.reach(body, "started");
    expect(await daytona.sh(body, "echo $KEY")).toBe("v\n");
    const byName = await daytona.call("GET", `/sandbox/${body.name}`);
    expect(byName.body.id).toBe(body.id);
  });

  it("has a name that nobody else can have, and a free one once it is gone", async ({ expect }) => {
    const sandbox = await daytona.sandbox();
    const again = await daytona.create({ name: sandbox.name });
    expect(again.status).toBe(409);
    expect(again.body).toEqual({
      path: "/api/sandbox",
      timestamp: expect.any(String),
      statusCode: 409,
      error: "Conflict",
      message: `Sandbox with name ${sandbox.name} already exists`,
    });
    const deleted = await daytona.call("DELETE", `/sandbox/${sandbox.id}`);
    expect(deleted.body).toMatchObject({ state: "destroying", desiredState: "destroyed" });
    await eventually(async () => (await daytona.call("GET", `/sandbox/${sandbox.id}`)).status === 404);
    expect((await daytona.create({ name: sandbox.name })).status).toBe(200);
  });

  it("keeps its disk over a stop, and not its processes", async ({ expect }) => {
    const sandbox = await daytona.sandbox();
    await daytona.sh(sandbox, "mkdir -p /data && echo kept >/data/file; sleep 4712 >/dev/null 2>&1 &");
    await daytona.act(sandbox, "stop", "stopped");
    const off = await daytona.toolbox(sandbox, "POST", "/process/execute", { command: "true" });
    expect([off.status, off.body.message]).toEqual([400, expect.stringContaining("Is the Sandbox started?")]);
    await daytona.act(sandbox, "start", "started");
    expect(await daytona.sh(sandbox, "cat /data/file; ps -eo args | grep -c '^sleep 4712'")).toBe(
      "kept\n0\n",
    );
  });

  it("refuses while it is on its way, and what it is not in a state for", async ({ expect }) => {
    const sandbox = await daytona.sandbox();
    await daytona.control("POST", "/faults", { kind: "stuck", match: { method: "POST", path: "^.*/stop$" } });
    await daytona.call("POST", `/sandbox/${sandbox.id}/stop`);
    for (const [method, action] of [
      ["POST", "/start"],
      ["POST", "/stop"],
      ["DELETE", ""],
    ] as const) {
      const { status, body } = await daytona.call(method, `/sandbox/${sandbox.id}${action}`);
      expect([status, body.message]).toEqual([409, "Sandbox state change in progress"]);
    }
    await daytona.control("POST", `/machines/${sandbox.id}/state`, { state: "stopped" });
    const stopped = await daytona.call("POST", `/sandbox/${sandbox.id}/stop`);
    expect([stopped.status, stopped.body.message]).toEqual([400, "Sandbox is not started"]);
  });

  it("can be paused with its processes if it is a virtual machine, and not if it is a container", async ({
    expect,
  }) => {
    const container = await daytona.sandbox();
    const refused = await daytona.call("POST", `/sandbox/${container.id}/pause`);
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining("container")]);
    const vm = await daytona.sandbox({ snapshot: "daytona-vm-small", buildInfo: undefined });
    await daytona.sh(vm, "sleep 600 >/dev/null 2>&1 & echo $! >/tmp/pid");
    await daytona.act(vm, "pause", "paused");
    await daytona.act(vm, "start", "started");
    expect(await daytona.sh(vm, "kill -0 $(cat /tmp/pid) && echo alive")).toBe("alive\n");
    await daytona.act(vm, "stop", "paused");
    await daytona.act(vm, "stop?force=true", "stopped");
  });

  it("says why its image could not be built, and holds no quota then", async ({ expect }) => {
    const { body } = await daytona.create({ buildInfo: { dockerfileContent: "FROM debian:12\nRUN make\n" } });
    await eventually(
      async () => (await daytona.call("GET", `/sandbox/${body.id}`)).body.state === "build_failed",
    );
    const { body: failed } = await daytona.call("GET", `/sandbox/${body.id}`);
    expect(failed.errorReason).toContain('"RUN"');
    expect((await daytona.call("DELETE", `/sandbox/${body.id}`)).status).toBe(200);
  });

  it("stops by itself when nobody outside touches it, however busy it is inside", async ({ expect }) => {
    const kept = await daytona.sandbox({ autoStopInterval: 10_000 });
    const busy = await daytona.sandbox({ autoStopInterval: 2 });
    await daytona.reach(busy, "stopped");
    const activity = async () => (await daytona.call("GET", `/sandbox/${kept.id}`)).body.lastActivityAt;
    const before = await activity();
    const touched = await daytona.call("POST", `/sandbox/${kept.id}/last-activity`, { activityType: "test" });
    expect(touched.status).toBe(201);
    expect(Date.parse(await activity())).toBeGreaterThan(Date.parse(before));
    const off = await daytona.call("POST", `/sandbox/${kept.id}/autostop/0`);
    expect(off.body.autoStopInterval).toBe(0);
  });

  it("is an error when its first process dies", async ({ expect }) => {
    const sandbox = await daytona.sandbox();
    await daytona.control("POST", `/machines/${sandbox.id}/crash`);
    const { body } = await daytona.call("GET", `/sandbox/${sandbox.id}`);
    expect(body).toMatchObject({
      state: "error",
      errorReason: "Sandbox exited unexpectedly",
      recoverable: false,
    });
  });
});

describe("the organization", () => {
  it("has a quota, in the vendor's words", async ({ expect }) => {
    const big = await daytona.create({ cpu: 8 });
    expect([big.status, big.body.message]).toEqual([
      400,
      expect.stringContaining("CPU request 8 exceeds maximum allowed per sandbox (4)"),
    ]);
    const many = [];
    for (let turn = 0; turn < 8; turn++) many.push(await daytona.create({ memory: 8 }));
    expect(many.at(-1)?.body.message).toContain("Total memory limit exceeded. Maximum allowed: 40GiB.");
    for (const { status, body } of many) {
      if (status === 200) await daytona.reach(body, "started");
      if (status === 200) await daytona.call("DELETE", `/sandbox/${body.id}`);
    }
  });

  it("lists page by page, by label, name and state", async ({ expect }) => {
    const labels = { team: "list" };
    const made = [];
    for (let turn = 0; turn < 5; turn++)
      made.push((await daytona.create({ name: `list-${turn}`, labels })).body);
    const names: string[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null; page++) {
      const query = new URLSearchParams({ labels: JSON.stringify(labels), limit: "2" });
      if (cursor) query.set("cursor", cursor);
      const { body } = await daytona.call("GET", `/sandbox?${query}`);
      expect(body.items.length).toBe(page < 2 ? 2 : 1);
      names.push(...body.items.map(({ name }: { name: string }) => name));
      cursor = body.nextCursor;
    }
    expect(names).toEqual(made.map(({ name }) => name));
    const { body } = await daytona.call("GET", "/sandbox?name=LIST-3");
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([made[3].id]);
    expect(body.items[0].env).toBeUndefined();
    expect((await daytona.call("GET", "/sandbox?limit=500")).status).toBe(400);
  });

  it("lets in who it knows, and tells everybody how often they may ask", async ({ expect }) => {
    const stranger = await daytona.call("GET", "/sandbox", undefined, { authorization: "Bearer nobody" });
    expect([stranger.status, stranger.body.message]).toEqual([401, "Invalid credentials"]);
    const { headers } = await daytona.call("GET", "/sandbox");
    expect(headers.get("x-ratelimit-limit-authenticated")).toBe("10000");
    expect(Number(headers.get("x-ratelimit-remaining-authenticated"))).toBeLessThan(10_000);
    const lost = await daytona.call("GET", "/sandbox/nobody");
    expect([lost.status, lost.body.message]).toEqual([404, "Sandbox with ID or name nobody not found"]);
  });

  it("refuses what is too often where that is switched on", async ({ expect }) => {
    const strict = await TestCloud.start({ rateLimited: true });
    const limited = new TestDaytona(() => strict.cloud);
    let last = await limited.create({ cpu: 100 });
    for (let turn = 0; turn < 300; turn++) last = await limited.create({ cpu: 100 });
    expect(last.status).toBe(429);
    expect(Number(last.headers.get("retry-after-sandbox-create"))).toBeGreaterThan(0);
    await strict.close();
  });
});

describe("a restart of the program", () => {
  it("finds everything again: what ran runs, with its disk, and what was paused has lost its memory", async ({
    expect,
  }) => {
    const running = await daytona.sandbox();
    const stopped = await daytona.sandbox();
    const paused = await daytona.sandbox({ snapshot: "daytona-vm-small", buildInfo: undefined });
    await daytona.sh(running, "echo kept >/file");
    await daytona.act(stopped, "stop", "stopped");
    await daytona.act(paused, "pause", "paused");
    await cloud.restart();
    await daytona.reach(running, "started");
    expect(await daytona.sh(running, "cat /file")).toBe("kept\n");
    await daytona.reach(stopped, "stopped");
    await daytona.reach(paused, "stopped");
  });
});
