import { afterAll, beforeAll, describe, it } from "vitest";
import { TestCloud } from "../testing/harness.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud.close());

describe("wait", () => {
  it("answers at once when the state is there", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const { status, body } = await cloud.call("GET", `${machine.path}/wait`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true, state: "started", version: machine.instanceId });
    expect((await cloud.call("GET", `${machine.path}/wait?state=settled`)).body.state).toBe("started");
  });

  it("waits until it is reached, and takes several states", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const waiting = cloud.call("GET", `${machine.path}/wait?state=failed,suspended&timeout=60`);
    await cloud.act(machine, "suspend");
    expect((await waiting).body).toMatchObject({ ok: true, state: "suspended" });
  });

  it("answers 408 when the time is over", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const { status, body } = await cloud.call("GET", `${machine.path}/wait?state=suspended&timeout=1`);
    expect([status, body.error]).toEqual([408, "deadline_exceeded: machine did not reach suspended"]);
  });

  it.for([0, 61, 90, "abc"])("refuses a timeout of %s with 400", async (timeout, { expect }) => {
    const machine = await cloud.machine(await cloud.app(), { skip_launch: true });
    const { status, body } = await cloud.call("GET", `${machine.path}/wait?timeout=${timeout}`);
    expect([status, body.error]).toEqual([
      400,
      "invalid_argument: timeout: value must be inside range [1s, 1m0s]",
    ]);
  });

  it("wants the version when it is to wait for stopped", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const { status, body } = await cloud.call("GET", `${machine.path}/wait?state=stopped`);
    expect([status, body.error]).toEqual([
      400,
      "invalid_argument: instance_id: required when waiting for stopped",
    ]);
  });

  it("answers 404 to who waits for anything else when the machine is destroyed", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const waiting = cloud.call("GET", `${machine.path}/wait?state=suspended&timeout=60`);
    await cloud.delete(machine);
    expect((await waiting).status).toBe(404);
    expect((await cloud.call("GET", `${machine.path}/wait?state=destroyed`)).body.ok).toBe(true);
  });

  it("sees what was passed through since an event", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const [event] = (await cloud.call("GET", machine.path)).body.events;
    await cloud.act(machine, "suspend", "suspended");
    await cloud.act(machine, "start", "started");
    const { body } = await cloud.call(
      "GET",
      `${machine.path}/wait?state=suspended&from_event_id=${event.id}`,
    );
    expect(body).toMatchObject({ ok: true, state: "suspended" });
  });
});
