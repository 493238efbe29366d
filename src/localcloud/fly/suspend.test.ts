import { afterAll, beforeAll, describe, it } from "vitest";
import { eventually, TestCloud, type TestMachine } from "../testing/harness.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud.close());

/** Counts for ever in memory only, and answers with the number when asked over a file. */
const COUNTER = {
  exec: ["/bin/sh", "-c", "n=0; while :; do n=$((n+1)); echo $n > /tmp/count; sleep 0.02; done"],
};

async function count(machine: TestMachine): Promise<number> {
  for (;;) {
    // The file is empty for an instant while it is written.
    const { body } = await cloud.exec(machine, "cat /tmp/count");
    if (body.stdout.trim() !== "") return Number(body.stdout);
  }
}

describe("suspend", () => {
  it("freezes the whole tree and goes on exactly where it was", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { init: COUNTER });
    await eventually(async () => (await count(machine)) > 10);
    const before = await count(machine);
    await cloud.act(machine, "suspend", "suspended");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await cloud.act(machine, "start", "started");
    const after = await count(machine);
    // A counter that had run on would be fifty further, one that began anew would be lower.
    expect(after).toBeGreaterThanOrEqual(before);
    expect(after).toBeLessThan(before + 45);
    await eventually(async () => (await count(machine)) > after);
  });

  it("keeps what is on the root disk, also the tenth time", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { init: COUNTER });
    await cloud.exec(machine, "head -c 100000 /dev/urandom > /root/file; sha256sum /root/file > /root/sum");
    for (let round = 0; round < 10; round++) {
      await cloud.act(machine, "suspend", "suspended");
      await cloud.act(machine, "start", "started");
    }
    expect((await cloud.exec(machine, "sha256sum -c /root/sum")).body.exit_code).toBe(0);
  });

  it("is given up by a stop: the next start is cold", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { init: COUNTER });
    await cloud.exec(machine, "echo lost > /root/lost");
    await cloud.act(machine, "suspend", "suspended");
    await cloud.act(machine, "stop", "stopped");
    await cloud.act(machine, "start", "started");
    expect((await cloud.exec(machine, "cat /root/lost")).body.exit_code).toBe(1);
  });

  it("is refused with much memory, with swap, with a schedule, and when nothing runs", async ({ expect }) => {
    const app = await cloud.app();
    const big = await cloud.machine(app, { guest: { cpu_kind: "shared", cpus: 4, memory_mb: 8192 } });
    expect((await cloud.act(big, "suspend")).status).toBe(412);
    const swapping = await cloud.machine(app, { init: { ...COUNTER, swap_size_mb: 512 } });
    expect((await cloud.act(swapping, "suspend")).status).toBe(412);
    const scheduled = await cloud.machine(app, { schedule: "daily" });
    expect((await cloud.act(scheduled, "suspend")).status).toBe(412);
    await cloud.act(scheduled, "stop", "stopped");
    expect((await cloud.act(scheduled, "suspend")).status).toBe(412);
  });

  it("can be deleted from, although nothing in it can hear", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { init: COUNTER });
    await cloud.act(machine, "suspend", "suspended");
    expect((await cloud.exec(machine, "true")).status).toBe(412);
    expect((await cloud.call("DELETE", machine.path)).status).toBe(200);
    await cloud.reach(machine, "destroyed");
  });

  it("can be updated from", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { init: COUNTER });
    await cloud.act(machine, "suspend", "suspended");
    const config = { image: "gentity/probe:1", init: COUNTER, env: { NEW: "yes" } };
    await cloud.call("POST", machine.path, { config });
    await cloud.reach(machine, "started");
    expect((await cloud.exec(machine, "echo $NEW")).body.stdout).toBe("yes\n");
  });
});
