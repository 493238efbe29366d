import { afterAll, beforeAll, describe, it } from "vitest";
import { Engine } from "../../../docker-engine-client/engine.ts";
import { containersWith, type Found, TEST_HOST, TEST_IMAGE, testEngine } from "../../testing/engine.ts";
import {
  eventually,
  IDLE,
  type MachineOptions,
  PROBE_SERVICE,
  TestCloud,
  type TestMachine,
} from "../../testing/harness.ts";
import { LABEL } from "./container.ts";

const found = await testEngine();
if ("reason" in found) process.stderr.write(`Docker: skipped, ${found.reason}\n`);
const engine = found instanceof Engine ? found : new Engine("");

const COUNTER = {
  exec: ["/bin/sh", "-c", "n=0; while :; do n=$((n+1)); echo $n > /tmp/count; sleep 0.02; done"],
};

describe.skipIf("reason" in found)("a machine in Docker", () => {
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

  async function count(on: TestMachine): Promise<number> {
    for (;;) {
      // The file is empty for an instant while it is written.
      const text = await out(on, "cat /tmp/count");
      if (text.trim() !== "") return Number(text);
    }
  }

  it("runs the real image, with its command, user and folder", async ({ expect }) => {
    const on = await machine({ init: {}, services: [PROBE_SERVICE] });
    expect(cloud.cloud.isolation).toBe("docker");
    const [{ request }] = (await cloud.call("GET", on.path)).body.events;
    expect(request).toEqual({
      isolation: "docker",
      runs: expect.stringMatching(/^The real image gentity\/test:1 \([0-9a-f]{12}\), in Docker\.$/),
    });
    await cloud.answers(on);
    const forced = { headers: { "fly-force-instance-id": on.id } };
    expect((await cloud.proxy("/", forced)).text).toBe("the real image\n");
    expect(await out(on, "stat -c %u /proc/$(pidof httpd)")).toBe("1000\n");
    expect(await out(on, "hostname; id -u; pwd; echo $HOME")).toBe(`${on.id}\n0\n/srv\n/root\n`);
  });

  it("has the image's environment, and the configuration's above it", async ({ expect }) => {
    const on = await machine({
      init: { exec: ["/bin/sh", "-c", "env; exec sleep 1000"] },
      env: { FROM_CONFIG: "a=b c" },
    });
    const wanted = ["FROM_IMAGE=yes", "FROM_CONFIG=a=b c", `FLY_MACHINE_ID=${on.id}`, "HOME=/home/agent"];
    await eventually(async () => {
      const lines = await cloud.logs(on.app);
      return wanted.every((line) => lines.includes(line));
    });
    expect(await out(on, "echo $FROM_IMAGE $FROM_CONFIG")).toBe("yes a=b c\n");
  });

  it("takes the place of entrypoint, command and user where the configuration says so", async ({
    expect,
  }) => {
    const script = "echo $0 $1; id -u; exec sleep 1000";
    const process = { entrypoint: ["/bin/sh", "-c", script], cmd: ["zero", "one"], user: "0:0" };
    const on = await machine({ init: undefined, processes: [process] });
    await eventually(async () => (await cloud.logs(on.app)).includes("zero one"));
    expect(await cloud.logs(on.app)).toContain("0");
  });

  it("runs commands, with code, signal, outputs, input and a time limit", async ({ expect }) => {
    const on = await machine();
    const failed = await cloud.exec(on, "cat; echo err >&2; exit 3", { stdin: "in" });
    expect(failed.body).toEqual({ exit_code: 3, stdout: "in", stderr: "err\n" });
    expect((await cloud.exec(on, "kill -KILL $$")).body.exit_signal).toBe(9);
    expect((await cloud.exec(on, ["no-such-program"])).body.exit_code).toBeOneOf([126, 127]);
    const late = await cloud.exec(on, "sleep 1234 & exec sleep 1234", { timeout: 1 });
    expect(late.status).toBe(408);
    await eventually(async () => !(await out(on, "ps")).includes("sleep 1234"));
    const large = await cloud.exec(on, "head -c 3000000 /dev/zero | tr '\\0' x");
    expect(large.body.stdout.length).toBe(3_000_000);
  });

  it("tells apart that a command was killed and that the machine went down", async ({ expect }) => {
    const on = await machine({ init: COUNTER });
    const running = cloud.exec(on, "touch /tmp/begun; exec sleep 1000");
    await eventually(async () => (await cloud.exec(on, "test -e /tmp/begun")).body.exit_code === 0);
    await cloud.delete(on);
    expect((await running).body.error).toBe("unknown: connection to machine lost");
  });

  it("logs both outputs of the main command, and how it ended", async ({ expect }) => {
    const script = "echo out; echo err >&2; printf unfinished; exit 7";
    const on = await machine({ init: { exec: ["/bin/sh", "-c", script] }, restart: { policy: "no" } });
    await eventually(async () => (await cloud.state(on)) === "stopped");
    const lines = await cloud.logs(on.app);
    expect(lines).toEqual(
      expect.arrayContaining(["out", "err", "unfinished", "main process exited with code 7"]),
    );
    const [event] = (await cloud.call("GET", on.path)).body.events;
    expect(event.request.exit_event).toMatchObject({ exit_code: 7, requested_stop: false });
    expect(await containersOf(on)).toEqual([]);
  });

  it("asks the main command to end, and makes it if it does not", async ({ expect }) => {
    const polite = await machine({
      init: { exec: ["/bin/sh", "-c", "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"] },
      stop_config: { signal: "SIGTERM", timeout: "30s" },
    });
    await cloud.act(polite, "stop", "stopped");
    await eventually(async () => (await cloud.logs(polite.app)).includes("bye"));
    const deaf = await machine({
      init: { exec: ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"] },
      stop_config: { signal: "SIGTERM", timeout: "1s" },
    });
    await cloud.act(deaf, "stop", "stopped");
    expect(await containersOf(deaf)).toEqual([]);
  });

  it("keeps a volume, loses the root disk on stop, and finds its files at every boot", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const raw_value = Buffer.from("hello").toString("base64");
    const files = [
      { guest_path: "/etc/agent/config.json", raw_value, mode: 0o600 },
      { guest_path: "/data/written", raw_value },
    ];
    const on = await machine({ mounts: [{ volume, path: "/data" }], files }, app);
    const look =
      "cat /etc/agent/config.json; stat -c ' %a %u' /etc/agent/config.json; cat /data/*; cat /root/lost 2>/dev/null";
    await cloud.exec(
      on,
      "echo kept > /data/kept; echo lost > /root/lost; echo changed > /etc/agent/config.json",
    );
    await cloud.act(on, "stop", "stopped");
    await cloud.act(on, "start", "started");
    expect(await out(on, look)).toBe("hello 600 0\nkept\nhello");
  });

  it("freezes and goes on where it was", async ({ expect }) => {
    const on = await machine({ init: COUNTER });
    await eventually(async () => (await count(on)) > 5);
    await cloud.act(on, "suspend", "suspended");
    expect((await containersOf(on)).map(({ State }) => State)).toEqual(["paused"]);
    await cloud.act(on, "start", "started");
    const after = await count(on);
    expect(after).toBeGreaterThan(5);
    await eventually(async () => (await count(on)) > after);
  });

  it("keeps the root disk where the configuration says so", async ({ expect }) => {
    const on = await machine({ rootfs: { persist: "always" } });
    for (const word of ["one", "two"]) {
      await cloud.exec(on, `echo ${word} >> /root/kept`);
      await cloud.act(on, "stop", "stopped");
      expect(await containersOf(on)).toEqual([]);
      await cloud.act(on, "start", "started");
    }
    expect(await out(on, "cat /root/kept")).toBe("one\ntwo\n");
    await cloud.delete(on);
    const images = await engine.call<{ RepoTags: string[] | null }[]>("GET", "/images/json");
    expect(images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(on.id))).toEqual([]);
  });

  it("is bounded in memory and in processes", async ({ expect }) => {
    const on = await machine({ guest: { cpu_kind: "shared", cpus: 1, memory_mb: 256 } });
    const [{ Id } = { Id: "" }] = await containersOf(on);
    const { HostConfig } = await engine.call<{ HostConfig: object }>("GET", `/containers/${Id}/json`);
    expect(HostConfig).toMatchObject({ Memory: 256 * 2 ** 20, PidsLimit: 4096, NanoCpus: 1e9 });
    // tail keeps what has no line ending in memory.
    const hungry = await machine({
      init: { exec: ["/bin/sh", "-c", "exec tail /dev/zero"] },
      restart: { policy: "no" },
    });
    await eventually(async () => (await cloud.state(hungry)) === "stopped");
    const [event] = (await cloud.call("GET", hungry.path)).body.events;
    expect(event.request.exit_event).toMatchObject({ oom_killed: true, requested_stop: false });
  });

  it("lists its processes without the engine's own", async ({ expect }) => {
    const on = await machine({ init: { exec: ["sleep", "1000"] } });
    const listed = async (): Promise<string[]> =>
      (await cloud.call("GET", `${on.path}/ps`)).body.map(({ command }: { command: string }) => command);
    // The engine's own process is there first, and starts the machine's a moment later.
    await eventually(async () => (await listed()).length > 0);
    expect(await listed()).toEqual(["sleep 1000"]);
  });

  it("cannot be reached by another machine", async ({ expect }) => {
    const [one, two] = await Promise.all([machine({ init: {}, services: [PROBE_SERVICE] }), machine()]);
    await cloud.answers(one);
    const address = (await out(one, "hostname -i")).trim();
    expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    const { body } = await cloud.exec(two, `nc -w 2 -z ${address} 8080`);
    expect(body.exit_code).not.toBe(0);
  });

  it("runs in what there is when its image cannot be had, and says so", async ({ expect }) => {
    const on = await machine({ image: "registry.invalid/nobody/nothing:1" });
    const [{ request }] = (await cloud.call("GET", on.path)).body.events;
    expect(request.isolation).not.toBe("docker");
    const lines = await cloud.logs(on.app);
    expect(lines[0]).toBe("pulling registry.invalid/nobody/nothing:1 …");
    expect(lines[1]).toMatch(
      /^Docker cannot run registry\.invalid\/nobody\/nothing:1: .+\. Going on without Docker\.$/,
    );
    expect(await out(on, "echo works")).toBe("works\n");
  });
});
