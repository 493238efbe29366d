import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { eventually, TestCloud } from "../testing/harness.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud.close());

const read = "cat /data/kept /root/lost 2>/dev/null; true";

describe("disks", () => {
  it("keep the volume and lose the root disk on stop", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const machine = await cloud.machine(app, { mounts: [{ volume, path: "/data" }] });
    await cloud.exec(machine, "echo kept > /data/kept; echo lost > /root/lost");
    expect((await cloud.exec(machine, read)).body.stdout).toBe("kept\nlost\n");
    await cloud.act(machine, "stop", "stopped");
    await cloud.act(machine, "start", "started");
    expect((await cloud.exec(machine, read)).body.stdout).toBe("kept\n");
  });

  it("keep the root disk where the configuration says so", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { rootfs: { persist: "always" } });
    await cloud.exec(machine, "echo lost > /root/lost");
    await cloud.act(machine, "stop", "stopped");
    await cloud.act(machine, "start", "started");
    expect((await cloud.exec(machine, read)).body.stdout).toBe("lost\n");
  });

  it("write the configured files at every boot", async ({ expect }) => {
    const raw_value = Buffer.from("hello").toString("base64");
    const files = [{ guest_path: "/etc/agent/config.json", raw_value, mode: 0o600 }];
    const machine = await cloud.machine(await cloud.app(), { files });
    const look = "cat /etc/agent/config.json; stat -c %a /etc/agent/config.json";
    expect((await cloud.exec(machine, look)).body.stdout).toBe("hello600\n");
    await cloud.exec(machine, "echo changed > /etc/agent/config.json");
    await cloud.act(machine, "stop", "stopped");
    await cloud.act(machine, "start", "started");
    expect((await cloud.exec(machine, look)).body.stdout).toBe("hello600\n");
  });

  it("do not lead out of the machine by a link on the volume", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const outside = join(cloud.stateDir, "fly.json");
    const mounts = [{ volume, path: "/data" }];
    const files = [{ guest_path: "/data/link", raw_value: Buffer.from("overwritten").toString("base64") }];
    const machine = await cloud.machine(app, { mounts, files });
    await cloud.exec(machine, `rm /data/link; ln -s ${outside} /data/link`);
    await cloud.act(machine, "stop", "stopped");
    await cloud.act(machine, "start");
    await eventually(async () => ["started", "failed"].includes(await cloud.state(machine)));
    expect(await readFile(outside, "utf8")).toContain(volume);
  });
});

describe("volumes", () => {
  it("come with the vendor's defaults and can grow", async ({ expect }) => {
    const app = await cloud.app();
    const { status, body } = await cloud.call("POST", `/v1/apps/${app}/volumes`, {
      name: "data",
      region: "fra",
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: "data",
      region: "fra",
      state: "created",
      size_gb: 3,
      encrypted: true,
      snapshot_retention: 5,
      auto_backup_enabled: true,
    });
    expect(body).not.toHaveProperty("attached_machine_id");
    const path = `/v1/apps/${app}/volumes/${body.id}`;
    const grown = await cloud.call("PUT", `${path}/extend`, { size_gb: 5 });
    expect(grown.body).toMatchObject({ needs_restart: false, volume: { size_gb: 5 } });
    expect((await cloud.call("PUT", `${path}/extend`, { size_gb: 1 })).status).toBe(400);
    const changed = await cloud.call("PUT", path, { snapshot_retention: 9 });
    expect(changed.body.snapshot_retention).toBe(9);
  });

  it("belong to one machine at a time, in one region", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const mounts = [{ volume, path: "/data" }];
    expect((await cloud.create(app, { region: "fra", mounts })).status).toBe(412);
    const machine = await cloud.machine(app, { mounts });
    const second = await cloud.create(app, { mounts });
    expect([second.status, second.body.error]).toEqual([
      412,
      `failed_precondition: volume already claimed by machine ${machine.id}`,
    ]);
    const remove = await cloud.call("DELETE", `/v1/apps/${app}/volumes/${volume}`);
    expect([remove.status, remove.body.error]).toEqual([
      412,
      `failed_precondition: volume is currently bound to machine: ${machine.id}`,
    ]);
    await cloud.delete(machine);
    const taken = await cloud.machine(app, { mounts });
    expect(taken.id).not.toBe(machine.id);
  });

  it("are listed as pending_destroy for a moment, then gone with their data", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const path = `/v1/apps/${app}/volumes/${volume}`;
    expect((await cloud.call("DELETE", path)).body.state).toBe("pending_destroy");
    expect((await cloud.call("GET", path)).body.state).toBe("pending_destroy");
    await eventually(async () => (await cloud.call("GET", path)).status === 404);
    expect(existsSync(join(cloud.stateDir, "volumes", volume))).toBe(false);
  });

  it("keep a file with a strange mode from nobody who deletes them", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const machine = await cloud.machine(app, { mounts: [{ volume, path: "/data" }] });
    await cloud.exec(machine, "mkdir -p /data/a/b && touch /data/a/b/c && chmod 000 /data/a/b /data/a");
    await cloud.call("DELETE", `/v1/apps/${app}`);
    await eventually(async () => (await cloud.call("GET", `/v1/apps/${app}`)).status === 404);
    expect(existsSync(join(cloud.stateDir, "volumes", volume))).toBe(false);
  });
});
