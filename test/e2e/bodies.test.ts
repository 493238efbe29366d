/** Bodies through the whole stack: the agent's machine that is there when it works, and costs nothing while it sleeps. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GentityClient } from "../../src/sdk/index.ts";
import { ask, Stack } from "./stack.ts";

const SMALL = { cpuKind: "shared", cpus: 1, memoryMb: 512, volumeGb: 1 };

let stack: Stack;
let gentity: GentityClient;
beforeAll(async () => {
  stack = await Stack.start();
  gentity = new GentityClient({ baseUrl: stack.local.apiUrl, token: stack.local.token });
});
afterAll(() => stack?.close());

interface Owned {
  id: string;
  name: string;
  app_name: string;
  state: string;
}

async function machinesOf(id: string): Promise<Owned[]> {
  const { body } = await stack.vendor("GET", "/v1/orgs/personal/machines");
  return body.machines.filter(({ name, state }: Owned) => name === `gentity-${id}` && state !== "destroyed");
}

const fleetOf = async (id: string) => (await gentity.bodies.fleet()).machines.find((each) => each.id === id);

describe("the default body", () => {
  it("is one machine at the vendor for ten that ask at once, and the seed's", async () => {
    const bodies = await Promise.all(
      Array.from({ length: 10 }, () => gentity.ensureBody("ws-ten", "run the tests")),
    );
    const ids = new Set(bodies.map(({ id }) => id));
    expect(ids.size).toBe(1);
    const [id = ""] = ids;
    await stack.reach(id, "running");
    const [machine, ...others] = await machinesOf(id);
    expect(others).toEqual([]);
    const { body } = await stack.vendor("GET", `/v1/apps/${machine?.app_name}/machines/${machine?.id}`);
    expect(body).toMatchObject({
      region: "iad",
      config: {
        image: "nikolaik/python-nodejs:python3.12-nodejs22",
        guest: { cpu_kind: "performance", cpus: 2, memory_mb: 4096 },
        mounts: [{ path: "/workspace" }],
        services: [],
      },
    });
    const addresses = await stack.vendor("GET", `/v1/apps/${machine?.app_name}/ip_assignments`);
    expect(addresses.body).toEqual({ ips: [] });
    expect((await stack.visit(id)).status).toBe(404);
  });

  it("sleeps and wakes as it is, with its memory, at its full size", async () => {
    const { instanceId } = await gentity.runForAgent("ws-ten", "echo root > /root/kept; echo $$ > /tmp/x");
    await gentity.suspend(instanceId);
    expect(await stack.instance(instanceId)).toMatchObject({ status: "suspended" });
    const { stdout } = await gentity.runForAgent("ws-ten", "cat /root/kept");
    expect(stdout).toBe("root\n");
    await gentity.destroy(instanceId);
    expect(await machinesOf(instanceId)).toEqual([]);
  });
});

describe("gentity run", () => {
  it("makes the body, passes stdin, keeps both outputs apart, and exits as the command does", async () => {
    await gentity.ensureBody("ws-cli", "by hand", { spec: SMALL });
    const line = ["run", "ws-cli", "--", "sh", "-c", "pwd; cat; echo err >&2; exit 7"];
    expect(await stack.cli(line, "fed")).toMatchObject({
      code: 7,
      stdout: "/workspace\nfed",
      stderr: "err\n",
    });
    expect((await stack.cli(["run", "ws-cli", "--", "kill -KILL $$"])).code).toBe(137);
    expect(await stack.run(["fleet"])).toMatch(/ws-cli +by hand +fly/);
  });

  it("lesson 14: is not cut by the vendor's limit of 30 seconds", async () => {
    const { exitCode, stdout, durationMs } = await gentity.runForAgent(
      "ws-cli",
      "echo begun; sleep 31; echo ended; exit 5",
      { timeoutSeconds: 120 },
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: "begun\nended\n" });
    expect(durationMs).toBeGreaterThanOrEqual(31_000);
  });
});

describe("lesson 2: sleep", () => {
  const bytes = Array.from({ length: 50_000 }, (_, index) => String.fromCharCode(33 + (index % 90))).join("");
  const hash = createHash("sha256").update(bytes).digest("hex");
  let id: string;

  it("comes by itself, never over a command, and is told of with its reason", async () => {
    const body = await gentity.ensureBody("ws-idle", "sleep", { spec: SMALL });
    ({ id } = body);
    const wrote = await gentity.runForAgent("ws-idle", "cat > file; cp file /root/file", { stdin: bytes });
    expect(wrote).toMatchObject({ instanceId: id, exitCode: 0 });
    await gentity.instances.update(id, { idleTimeoutSeconds: 2 });
    // Longer than the timeout, twice: with somebody who waits for it, and with nobody.
    expect(await gentity.runForAgent("ws-idle", "sleep 4; echo done")).toMatchObject({ stdout: "done\n" });
    await gentity.bodies.start("ws-idle", { command: "sleep 5; echo alone > alone" });
    await stack.reach(id, "suspended");
    const { body: answer } = await stack.api("GET", `/api/instances/${id}/periods`);
    const asleep = answer.periods.find(({ state }: { state: string }) => state === "suspending");
    expect(asleep).toMatchObject({ reason: "nothing was at work for 2 s", actor: "system:idle" });
    expect(await machinesOf(id)).toMatchObject([{ state: "suspended" }]);
  });

  it("costs no uptime", async () => {
    const before = await fleetOf(id);
    expect(before).toMatchObject({ state: "suspended", startedAt: null });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const after = await fleetOf(id);
    expect(after?.uptimeMs).toBe(before?.uptimeMs);
    expect(after?.computeCostMicros).toBe(before?.computeCostMicros);
  });

  it("ends with the next run, which finds every file as it was", async () => {
    const run = await gentity.runForAgent("ws-idle", "cat alone; sha256sum < file; sha256sum < /root/file");
    expect(run).toMatchObject({ instanceId: id, exitCode: 0, stdout: `alone\n${hash}  -\n${hash}  -\n` });
    expect(await machinesOf(id)).toHaveLength(1);
  });

  it("is put off by a hold, from the command line", async () => {
    await gentity.instances.update(id, { idleTimeoutSeconds: 600 });
    await gentity.runForAgent("ws-idle", "true");
    const held = await stack.run(["compute", "hold", id, "--seconds", "600", "--reason", "a demo"]);
    expect(held).toMatch(/^awake until .+: a demo\n$/);
    expect(await stack.instance(id)).toMatchObject({ awake: { reason: "a demo" } });
    await gentity.instances.update(id, { idleTimeoutSeconds: 2 });
    expect(await stack.run(["compute", "hold", id, "--seconds", "0"])).toContain(
      "idle; the last was: a demo",
    );
    await stack.reach(id, "suspended");
  });

  it("keeps the files on the volume also where the body was stopped", async () => {
    await gentity.instances.update(id, { idleTimeoutSeconds: null });
    expect(await stack.run(["compute", "stop", id])).toContain("stopped");
    const { stdout } = await gentity.runForAgent("ws-idle", "sha256sum < file");
    expect(stdout).toBe(`${hash}  -\n`);
  });
});

describe("two accounts", () => {
  it("have their bodies in apps and networks of their own, also for a workspace of one name", async () => {
    const admin = JSON.parse(await stack.run(["admin", "accounts", "create", "ada@example.com", "--json"]));
    const other = new GentityClient({ baseUrl: stack.local.apiUrl, token: admin.token });
    const [mine, theirs] = await Promise.all([
      gentity.runForAgent("ws-shared", "echo mine > who; cat who", { spec: SMALL }),
      other.runForAgent("ws-shared", "echo theirs > who; cat who", { spec: SMALL }),
    ]);
    expect([mine.stdout, theirs.stdout]).toEqual(["mine\n", "theirs\n"]);
    const apps = await Promise.all(
      [mine, theirs].map(async ({ instanceId }) => {
        const [machine] = await machinesOf(instanceId);
        return (await stack.vendor("GET", `/v1/apps/${machine?.app_name}`)).body;
      }),
    );
    expect(new Set(apps.map(({ name }) => name)).size).toBe(2);
    expect(new Set(apps.map(({ network }) => network)).size).toBe(2);
    for (const { name } of apps) expect(name).toMatch(/^gentity-bodies-acc-/);
    const stolen = await ask("POST", new URL(`/api/instances/${mine.instanceId}/exec`, stack.local.apiUrl), {
      headers: { authorization: `Bearer ${admin.token}` },
      body: { command: "cat who" },
    });
    expect(stolen.status).toBe(404);
    expect((await other.bodies.fleet()).machines.map(({ id }) => id)).toEqual([theirs.instanceId]);
  });
});
