import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { processesWithEnv } from "../../os/processes.ts";
import { eventually, IDLE, TestCloud } from "../testing/harness.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start({
    images: {
      resolve: async (ref) => {
        throw new Error(`there is no image ${ref}`);
      },
    },
  });
});
afterAll(() => cloud.close());

const statuses = (body: { events: { type: string; status: string }[] }) =>
  body.events.map(({ type, status }) => `${type} ${status}`).reverse();

describe("a machine's life", () => {
  it("passes through every documented state and says so in its events", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    await cloud.act(machine, "stop", "stopped");
    await cloud.act(machine, "start", "started");
    await cloud.delete(machine);
    const { status, body } = await cloud.call("GET", machine.path);
    expect(status).toBe(200);
    expect(body.state).toBe("destroyed");
    expect(statuses(body)).toEqual([
      "launch created",
      "start starting",
      "start started",
      "stop stopping",
      "exit stopped",
      "stop stopped",
      "start starting",
      "start started",
      "destroy destroying",
      "destroy destroyed",
    ]);
  });

  it("answers a create with 200 and the machine as created", async ({ expect }) => {
    const app = await cloud.app();
    const { status, body, headers } = await cloud.create(app, {
      name: "one",
      metadata: { instance: "cmp1" },
    });
    expect(status).toBe(200);
    expect(headers.get("fly-request-id")).toMatch(/^\w{26}-iad$/);
    expect(body).toMatchObject({
      name: "one",
      state: "created",
      region: "iad",
      host_status: "ok",
      image_ref: { registry: "registry-1.docker.io", repository: "gentity/probe", tag: "1" },
      config: { guest: { cpu_kind: "shared", cpus: 1, memory_mb: 256 } },
    });
    const found = await cloud.call("GET", `/v1/apps/${app}/machines?metadata.instance=cmp1`);
    expect(found.body).toHaveLength(1);
    const none = await cloud.call("GET", `/v1/apps/${app}/machines?metadata.instance=cmp2`);
    expect(none.body).toHaveLength(0);
  });

  it("refuses a live name twice, with the id to adopt, and lets a destroyed one be used again", async ({
    expect,
  }) => {
    const app = await cloud.app();
    const machine = await cloud.machine(app, { name: "unique" });
    const second = await cloud.create(app, { name: "unique" });
    expect(second.status).toBe(409);
    expect(second.body.error).toBe(
      `already_exists: unique machine name violation, machine ID ${machine.id} already exists with name "unique"`,
    );
    await cloud.delete(machine);
    expect((await cloud.create(app, { name: "unique" })).status).toBe(200);
  });

  it("ends in failed, with the reason in an event, when the image cannot be had", async ({ expect }) => {
    const app = await cloud.app();
    const { body } = await cloud.create(app, { image: "example/missing:1" });
    const machine = {
      id: body.id,
      app,
      path: `/v1/apps/${app}/machines/${body.id}`,
      instanceId: body.instance_id,
    };
    await cloud.reach(machine, "failed");
    const { body: after } = await cloud.call("GET", machine.path);
    expect(statuses(after)).toEqual(["launch created", "launch launch_failed", "launch failed"]);
    expect(after.events[0].request.error).toBe("there is no image example/missing:1");
  });

  it("rests as created and then stopped when it is not to be launched", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { skip_launch: true });
    await cloud.reach(machine, "stopped");
    expect((await cloud.act(machine, "start", "started")).body.previous_state).toBe("stopped");
  });

  it("refuses to start what is still stopping, and to delete what runs", async ({ expect }) => {
    const slow = { exec: ["/bin/sh", "-c", "trap '' INT; while :; do sleep 0.05; done"] };
    const machine = await cloud.machine(await cloud.app(), { init: slow });
    await cloud.act(machine, "stop", undefined, { timeout: "1s" });
    const start = await cloud.act(machine, "start");
    expect([start.status, start.body.error]).toEqual([
      412,
      "failed_precondition: machine still active, refusing to start",
    ]);
    await cloud.reach(machine, "stopped");
    await cloud.act(machine, "start", "started");
    const remove = await cloud.call("DELETE", machine.path);
    expect([remove.status, remove.body.error]).toEqual([
      412,
      "failed_precondition: unable to destroy machine, not currently stopped",
    ]);
  });

  it("replaces the configuration and gives it a new instance_id", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { env: { COLOUR: "red" } });
    const config = { image: "gentity/probe:2", init: IDLE, env: { COLOUR: "blue" } };
    const { body } = await cloud.call("POST", machine.path, { config });
    expect(body.instance_id).not.toBe(machine.instanceId);
    await cloud.reach(machine, "started");
    expect((await cloud.exec(machine, "echo $COLOUR")).body.stdout).toBe("blue\n");
    const versions = await cloud.call("GET", `${machine.path}/versions`);
    expect(versions.body.map(({ version }: { version: string }) => version)).toEqual([
      body.instance_id,
      machine.instanceId,
    ]);
  });

  it("restarts a failing command as often as it may, then rests", async ({ expect }) => {
    const app = await cloud.app();
    const { body } = await cloud.create(app, {
      init: { exec: ["/bin/sh", "-c", "exit 7"] },
      restart: { policy: "on-failure", max_retries: 2 },
    });
    const machine = {
      id: body.id,
      app,
      path: `/v1/apps/${app}/machines/${body.id}`,
      instanceId: body.instance_id,
    };
    await cloud.reach(machine, "stopped");
    const { body: after } = await cloud.call("GET", machine.path);
    const exits = after.events.filter(({ type }: { type: string }) => type === "exit");
    expect(exits.map((event: { request: { restart_count: number } }) => event.request.restart_count)).toEqual(
      [2, 1, 0],
    );
    expect(exits[0].request.exit_event).toMatchObject({
      exit_code: 7,
      oom_killed: false,
      requested_stop: false,
    });
    expect(await cloud.logs(app)).toContain("machine has reached its max restart count of 2");
  });

  it("stays down after a clean exit, and destroys itself when told to", async ({ expect }) => {
    const app = await cloud.app();
    const done = { exec: ["/bin/sh", "-c", "sleep 0.2"] };
    const resting = (await cloud.create(app, { init: done })).body.id;
    const passing = (await cloud.create(app, { init: done, auto_destroy: true })).body.id;
    const state = async (id: string) =>
      (await cloud.call("GET", `/v1/apps/${app}/machines/${id}`)).body.state;
    await eventually(
      async () => (await state(resting)) === "stopped" && (await state(passing)) === "destroyed",
    );
    expect(await state(resting)).toBe("stopped");
  });

  it("says in an event when the command cannot even begin", async ({ expect }) => {
    const app = await cloud.app();
    const { body } = await cloud.create(app, {
      init: { exec: ["/no/such/program"] },
      restart: { policy: "no" },
    });
    const path = `/v1/apps/${app}/machines/${body.id}`;
    await eventually(async () => (await cloud.call("GET", path)).body.state === "stopped");
    const [event] = (await cloud.call("GET", path)).body.events;
    expect(event.request.exit_event).toMatchObject({
      exit_code: 127,
      error: "spawn /no/such/program ENOENT",
    });
  });

  it("leaves no process and no folder behind when it is deleted", async ({ expect }) => {
    const daemon = { exec: ["/bin/sh", "-c", "setsid sleep 1000 & sleep 1000"] };
    const machine = await cloud.machine(await cloud.app(), { init: daemon });
    await cloud.exec(machine, "setsid sleep 1000 >/dev/null 2>&1 &");
    expect(existsSync(join(cloud.stateDir, "machines", machine.id))).toBe(true);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${machine.id}`)).not.toEqual([]);
    await cloud.delete(machine);
    expect(existsSync(join(cloud.stateDir, "machines", machine.id))).toBe(false);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${machine.id}`)).toEqual([]);
  });

  it("passes a signal to the main command", async ({ expect }) => {
    const app = await cloud.app();
    const listening = { exec: ["/bin/sh", "-c", "trap 'echo got it' USR1; while :; do sleep 0.05; done"] };
    const machine = await cloud.machine(app, { init: listening });
    expect((await cloud.act(machine, "signal", undefined, { signal: "SIGUSR1" })).body).toEqual({ ok: true });
    await eventually(async () => (await cloud.logs(app)).includes("got it"));
  });

  it.for([
    [{ guest: { cpus: 3 } }, 422, /cpus must be one of/],
    [{ guest: { cpus: 1, memory_mb: 4096 } }, 422, /between 256 and 2048/],
    [{ guest: { memory_mb: 300 } }, 422, /256 MiB increment/],
    [{ region: "moon" }, 422, /region moon not found/],
    [{ image: "" }, 400, /config.image/],
  ] as const)("refuses %j", async ([options, status, message], { expect }) => {
    const answer = await cloud.create(await cloud.app(), options);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatch(message);
  });

  it("knows nothing of ids that never were", async ({ expect }) => {
    const app = await cloud.app();
    expect((await cloud.call("GET", `/v1/apps/${app}/machines/0123456789abcd`)).status).toBe(404);
    expect((await cloud.call("GET", "/v1/apps/nowhere/machines")).status).toBe(404);
  });
});
