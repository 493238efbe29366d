import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { eventually, TestCloud } from "../testing/harness.ts";

let cloud: TestCloud;
let app: string;
beforeAll(async () => {
  cloud = await TestCloud.start();
  app = await cloud.app();
});
afterEach(async () => {
  await cloud.call("DELETE", "/_control/faults");
});
afterAll(() => cloud.close());

const machines = async () => (await cloud.call("GET", `/v1/apps/${app}/machines`)).body.length;

describe("ordered faults", () => {
  it("strike as often as they were told, and only where", async ({ expect }) => {
    const match = { method: "GET", path: "^/v1/apps/[^/]+$", app, count: 2 };
    const { status, body } = await cloud.fault({ kind: "error_before", match, status: 503 });
    expect([status, body.struck]).toEqual([201, 0]);
    expect((await cloud.call("GET", "/v1/platform/regions")).status).toBe(200);
    const answers = [];
    for (let turn = 0; turn < 3; turn++) answers.push((await cloud.call("GET", `/v1/apps/${app}`)).status);
    expect(answers).toEqual([503, 503, 200]);
    expect((await cloud.call("GET", "/_control/faults")).body.faults[0].struck).toBe(2);
  });

  it("fail before the effect, or after it", async ({ expect }) => {
    const before = await machines();
    const match = { method: "POST", count: 1 };
    await cloud.fault({ kind: "error_before", match });
    expect((await cloud.create(app, { skip_launch: true })).status).toBe(500);
    expect(await machines()).toBe(before);
    await cloud.fault({ kind: "error_after", match, status: 502 });
    expect((await cloud.create(app, { skip_launch: true })).status).toBe(502);
    expect(await machines()).toBe(before + 1);
  });

  it("lose the answer, the effect stays", async ({ expect }) => {
    const before = await machines();
    await cloud.fault({ kind: "lost_answer", match: { method: "POST", count: 1 } });
    await expect(cloud.create(app, { skip_launch: true })).rejects.toThrow("fetch failed");
    expect(await machines()).toBe(before + 1);
  });

  it("time out before the effect, or after it", async ({ expect }) => {
    const before = await machines();
    await cloud.fault({ kind: "timeout_before", ms: 50, match: { method: "POST", count: 1 } });
    await expect(cloud.create(app, { skip_launch: true })).rejects.toThrow("fetch failed");
    expect(await machines()).toBe(before);
    await cloud.fault({ kind: "timeout_after", ms: 50, match: { method: "POST", count: 1 } });
    await expect(cloud.create(app, { skip_launch: true })).rejects.toThrow("fetch failed");
    expect(await machines()).toBe(before + 1);
  });

  it("say 429 with the time to wait", async ({ expect }) => {
    await cloud.fault({ kind: "rate_limit", match: { count: 1 } });
    const { status, headers } = await cloud.call("GET", `/v1/apps/${app}`);
    expect([status, headers.get("retry-after")]).toEqual([429, "1"]);
  });

  it("say that there is no room, in the vendor's three forms", async ({ expect }) => {
    const match = { method: "POST" };
    const resting = await cloud.machine(app, { skip_launch: true });
    await cloud.reach(resting, "stopped");
    const volume = await cloud.volume(app);
    await cloud.fault({ kind: "capacity", match });
    const region = await cloud.create(app);
    expect([region.status, region.body.status]).toEqual([422, "insufficient_capacity"]);
    const host = await cloud.create(app, { mounts: [{ volume, path: "/data" }] });
    expect([host.status, host.body.status]).toEqual([412, "volume_placement_capacity"]);
    expect(host.body.error).toContain(volume);
    const start = await cloud.act(resting, "start");
    expect([start.status, start.body.error]).toEqual([
      409,
      "aborted: could not reserve resource for machine: insufficient memory available to fulfill request",
    ]);
  });

  it("show a state that nobody has heard of", async ({ expect }) => {
    const machine = await cloud.machine(app);
    await cloud.fault({ kind: "unknown_state", match: { method: "GET" } });
    expect(await cloud.state(machine)).toBe("hibernating");
    await cloud.call("DELETE", "/_control/faults");
    expect(await cloud.state(machine)).toBe("started");
  });

  it("leave a machine in a state between, from which it can still be deleted", async ({ expect }) => {
    const machine = await cloud.machine(app);
    await cloud.fault({ kind: "stuck", match: { path: `${machine.path}/stop`, count: 1 } });
    expect((await cloud.act(machine, "stop")).status).toBe(200);
    expect(await cloud.state(machine)).toBe("stopping");
    await cloud.delete(machine);
  });

  it("let a machine vanish as if it had never been, and free its volume", async ({ expect }) => {
    const volume = await cloud.volume(app);
    const mounts = [{ volume, path: "/data" }];
    const machine = await cloud.machine(app, { mounts });
    await cloud.fault({ kind: "vanish", match: { path: machine.path, count: 1 } });
    expect((await cloud.call("GET", machine.path)).status).toBe(404);
    expect((await cloud.create(app, { mounts })).status).toBe(200);
  });
});

describe("the control endpoint", () => {
  it("crashes a machine, which comes up again by its policy", async ({ expect }) => {
    const machine = await cloud.machine(app);
    await cloud.exec(machine, "echo lost > /root/lost");
    await cloud.call("POST", `/_control/machines/${machine.id}/crash`);
    await cloud.reach(machine, "started");
    const { events } = (await cloud.call("GET", machine.path)).body;
    const exit = events.find(({ type }: { type: string }) => type === "exit");
    expect(exit.request.exit_event).toMatchObject({ exit_code: 137, signal: 9, requested_stop: false });
    expect((await cloud.exec(machine, "cat /root/lost")).body.exit_code).toBe(1);
  });

  it("sets any state, and makes a machine vanish", async ({ expect }) => {
    const machine = await cloud.machine(app);
    await cloud.call("POST", `/_control/machines/${machine.id}/state`, { state: "migrating" });
    expect(await cloud.state(machine)).toBe("migrating");
    await cloud.call("POST", `/_control/machines/${machine.id}/vanish`);
    expect((await cloud.call("GET", machine.path)).status).toBe(404);
  });

  it("remembers what was asked, and no secret", async ({ expect }) => {
    await cloud.call("DELETE", "/_control/calls");
    await cloud.create(app, { skip_launch: true, env: { KEY: "sk-secret" } });
    const { body } = await cloud.call("GET", "/_control/calls");
    expect(body.calls).toMatchObject([{ method: "POST", path: `/v1/apps/${app}/machines`, status: 200 }]);
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("is for who has the token", async ({ expect }) => {
    const answer = await cloud.call("GET", "/_control/faults", undefined, { authorization: "Bearer wrong" });
    expect(answer.status).toBe(401);
  });

  it("refuses a rule that it does not understand", async ({ expect }) => {
    expect((await cloud.fault({ kind: "earthquake" })).status).toBe(400);
  });
});

describe("the rate limit", () => {
  it("is the documented one, for each machine and action, when it is switched on", async ({ expect }) => {
    const limited = await TestCloud.start({ rateLimited: true });
    try {
      const name = await limited.app();
      const ask = () => limited.call("GET", `/v1/apps/${name}/volumes`);
      const answers = await Promise.all([ask(), ask(), ask(), ask(), ask()]);
      expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(3);
      await eventually(async () => (await ask()).status === 200);
    } finally {
      await limited.close();
    }
  });
});
