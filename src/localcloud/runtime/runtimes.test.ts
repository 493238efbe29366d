import { afterAll, beforeAll, describe, it } from "vitest";
import { processesWithEnv } from "../../os/processes.ts";
import { eventually, IDLE, PROBE_SERVICE, TestCloud } from "../testing/harness.ts";
import { chooseRuntime, type RuntimeName } from "./choose.ts";

async function works(wanted: RuntimeName): Promise<boolean> {
  // A scope of its own: each sweeps its control groups away as it closes.
  const scope = `localcloud-check-${process.pid}-${wanted}`;
  const runtime = await chooseRuntime({ wanted, scope }).catch(() => undefined);
  await runtime?.close();
  return runtime !== undefined;
}

const available = (
  await Promise.all(
    (["bubblewrap", "unshare", "none"] as const).map(async (name) => ({ name, works: await works(name) })),
  )
).filter(({ works }) => works);

/** What every way of running a machine must do. */
describe.for(available)("the runtime $name", ({ name }) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start({ runtime: name });
  });
  afterAll(() => cloud.close());

  it("says what it is", ({ expect }) => {
    expect(cloud.cloud.isolation).toBe(name);
  });

  it("runs commands, with code, signal, outputs, input and a time limit", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app());
    const failed = await cloud.exec(machine, "cat; echo err >&2; exit 3", { stdin: "in" });
    expect(failed.body).toEqual({ exit_code: 3, stdout: "in", stderr: "err\n" });
    expect((await cloud.exec(machine, "kill -KILL $$")).body.exit_signal).toBe(9);
    expect((await cloud.exec(machine, "sleep 1000", { timeout: 1 })).status).toBe(408);
  });

  it("serves two machines on the same port, by their own PORT", async ({ expect }) => {
    const app = await cloud.app();
    const [one, two] = await Promise.all([cloud.probe(app), cloud.probe(app)]);
    for (const machine of [one, two]) {
      const { status, text } = await cloud.proxy("/body", {
        method: "POST",
        headers: { "fly-force-instance-id": machine.id },
        body: machine.id,
      });
      expect([status, text]).toEqual([200, machine.id]);
    }
  });

  it("keeps a volume and loses the root disk on stop", async ({ expect }) => {
    const app = await cloud.app();
    const volume = await cloud.volume(app);
    const machine = await cloud.machine(app, { mounts: [{ volume, path: "/data" }] });
    const at = name === "none" ? "$LOCALCLOUD_ROOT/data" : "/data";
    await cloud.exec(machine, `echo kept > ${at}/kept; echo lost > $HOME/lost`);
    await cloud.act(machine, "stop", "stopped");
    await cloud.act(machine, "start", "started");
    expect((await cloud.exec(machine, `cat ${at}/kept; cat $HOME/lost 2>/dev/null`)).body.stdout).toBe(
      "kept\n",
    );
  });

  it("freezes and goes on", async ({ expect }) => {
    const counter = {
      exec: ["/bin/sh", "-c", "n=0; while :; do n=$((n+1)); echo $n > $HOME/count; sleep 0.02; done"],
    };
    const machine = await cloud.machine(await cloud.app(), { init: counter });
    const count = async (): Promise<number> => {
      const { body } = await cloud.exec(machine, "cat $HOME/count");
      // The file is empty for an instant while it is written.
      return body.stdout.trim() === "" ? count() : Number(body.stdout);
    };
    await eventually(async () => (await count()) > 5);
    await cloud.act(machine, "suspend", "suspended");
    const frozen = await processesWithEnv(`FLY_MACHINE_ID=${machine.id}`);
    expect(frozen.length).toBeGreaterThan(0);
    await cloud.act(machine, "start", "started");
    const after = await count();
    await eventually(async () => (await count()) > after);
  });

  it("leaves no process behind, not even one that went its own way", async ({ expect }) => {
    const machine = await cloud.machine(await cloud.app(), { services: [PROBE_SERVICE], init: IDLE });
    await cloud.exec(machine, "setsid nohup sleep 1000 >/dev/null 2>&1 &");
    await cloud.delete(machine);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${machine.id}`)).toEqual([]);
  });
});
