import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Engine } from "../../../docker-engine-client/engine.ts";
import { containersWith, type Found, TEST_HOST, TEST_IMAGE, testEngine } from "../../testing/engine.ts";
import { eventually, IDLE, type MachineOptions, TestCloud, type TestMachine } from "../../testing/harness.ts";
import { LABEL } from "./container.ts";

const found = await testEngine();
if ("reason" in found) process.stderr.write(`Docker: skipped, ${found.reason}\n`);
const engine = found instanceof Engine ? found : new Engine("");

describe.skipIf("reason" in found)("a cloud with machines in Docker", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start({ runtime: "docker", dockerHost: TEST_HOST });
  });
  afterAll(() => cloud.close());

  async function machine(more: MachineOptions = {}, app?: string): Promise<TestMachine> {
    return cloud.machine(app ?? (await cloud.app()), { image: TEST_IMAGE, init: IDLE, ...more });
  }
  const out = async (on: TestMachine, script: string): Promise<string> =>
    (await cloud.exec(on, script)).body.stdout;
  const containersOf = ({ id }: TestMachine): Promise<Found[]> =>
    containersWith(engine, `${LABEL.machine}=${id}`);

  it("keeps the root disk of a suspended machine when the cloud ends, and no container", async ({
    expect,
  }) => {
    const on = await machine();
    await cloud.exec(on, "echo kept > /root/kept");
    await cloud.act(on, "suspend", "suspended");
    await cloud.restart();
    expect(await containersOf(on)).toEqual([]);
    expect(await cloud.state(on)).toBe("stopped");
    await cloud.act(on, "start", "started");
    expect(await out(on, "cat /root/kept")).toBe("kept\n");
    await cloud.act(on, "stop", "stopped");
    await cloud.act(on, "start", "started");
    expect(await out(on, "cat /root/kept 2>/dev/null")).toBe("");
  });

  it("writes no file out of the machine by a link on the volume", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const outside = join(cloud.stateDir, "fly.json");
    const raw_value = Buffer.from("overwritten").toString("base64");
    const files = [
      { guest_path: "/data/link", raw_value },
      { guest_path: "/data/folder/fly.json", raw_value },
    ];
    const on = await machine({ mounts: [{ volume, path: "/data" }], files }, app);
    await cloud.exec(
      on,
      `cd /data; rm -r link folder; ln -s ${outside} link; ln -s ${cloud.stateDir} folder`,
    );
    await cloud.act(on, "stop", "stopped");
    await cloud.act(on, "start");
    await eventually(async () => ["started", "failed"].includes(await cloud.state(on)));
    // It still is the cloud's own, and not what was written.
    await cloud.restart();
    expect((await cloud.call("GET", on.path)).status).toBe(200);
  });

  it("comes up again when the cloud starts, and what was left over is replaced", async ({ expect }) => {
    const on = await machine();
    const [before] = await containersOf(on);
    await cloud.restart();
    await cloud.reach(on, "started");
    const [after, ...more] = await containersOf(on);
    expect(more).toEqual([]);
    expect(after?.Id).not.toBe(before?.Id);
  });
});

describe.skipIf("reason" in found)("a cloud beside a Docker engine", () => {
  it("runs what the engine has already in Docker, and pulls nothing", async ({ expect }) => {
    const cloud = await TestCloud.start({ dockerHost: TEST_HOST });
    try {
      expect(cloud.cloud.isolation).toMatch(/^docker, else (bubblewrap|unshare|none)$/);
      const isolation = async (image: string): Promise<[string, string[]]> => {
        const app = await cloud.app();
        const on = await cloud.machine(app, { image, init: IDLE });
        const [{ request }] = (await cloud.call("GET", on.path)).body.events;
        return [request.isolation, await cloud.logs(app)];
      };
      expect((await isolation(TEST_IMAGE))[0]).toBe("docker");
      const [other, lines] = await isolation("debian:12");
      expect(other).not.toBe("docker");
      expect(lines[0]).toContain("Docker does not have debian:12, and pulls only if asked to");
    } finally {
      await cloud.close();
    }
  });

  it("leaves nothing in the engine at its end, and others' containers alone", async ({ expect }) => {
    const body = {
      Image: TEST_IMAGE,
      Labels: { "gentity.test": "not ours", [LABEL.scope]: "localcloud-other" },
    };
    const other = await engine.call<{ Id: string }>("POST", "/containers/create", { body });
    try {
      const cloud = await TestCloud.start({ runtime: "docker", dockerHost: TEST_HOST });
      const app = await cloud.app();
      const volume = await cloud.volume(app);
      const on = await cloud.machine(app, {
        image: TEST_IMAGE,
        init: IDLE,
        mounts: [{ volume, path: "/data" }],
      });
      const [container] = await containersWith(engine, `${LABEL.machine}=${on.id}`);
      const scope = container?.Labels[LABEL.scope] ?? "";
      expect(scope).toMatch(/^localcloud-[0-9a-f]{10}$/);
      // As a program that was killed leaves it behind: known to the engine alone.
      await engine.call("POST", "/containers/create", {
        query: { name: `${scope}-left` },
        body: { Image: TEST_IMAGE, Labels: { [LABEL.scope]: scope, [LABEL.machine]: "left" } },
      });
      await cloud.restart();
      expect(await containersWith(engine, `${LABEL.machine}=left`)).toEqual([]);
      await cloud.close();
      expect(await containersWith(engine, `${LABEL.scope}=${scope}`)).toEqual([]);
      const networks = await engine.call<{ Name: string }[]>("GET", "/networks");
      expect(networks.map(({ Name }) => Name)).not.toContain(scope);
      expect(await containersWith(engine, "gentity.test")).toHaveLength(1);
    } finally {
      await engine.call("DELETE", `/containers/${other.Id}`, { query: { force: "1" } });
    }
  });
});
