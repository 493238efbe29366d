/** Ending and starting again: nothing that was made is lost, nothing that was started is left. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeTree } from "../../src/localcloud/runtime/remove-tree.ts";
import { childOf } from "./processes.ts";
import { Launcher, newStateDir, Stack, until } from "./stack.ts";

const STACK_TRACE = /^\s+at /m;

interface Period {
  seq: number;
  state: string;
  startedAt: string;
  endedAt: string | null;
}

let stack: Stack;
const ids = { running: "", stopped: "", suspended: "" };

const periodsOf = async (id: string): Promise<Period[]> =>
  (await stack.api("GET", `/api/instances/${id}/periods`)).body.periods;

beforeAll(async () => {
  stack = await Stack.start();
  const made = await Promise.all(["running", "stopped", "suspended"].map((name) => stack.create({ name })));
  [ids.running, ids.stopped, ids.suspended] = made.map(({ id }) => id) as [string, string, string];
  for (const [name, id] of Object.entries(ids)) {
    await stack.exec(id, `echo ${name} >/workspace/name; echo ${name} >/root/name; sync`);
  }
  await stack.api("POST", `/api/instances/${ids.stopped}/action`, { action: "stop" });
  await stack.api("POST", `/api/instances/${ids.suspended}/action`, { action: "suspend" });
});
afterAll(async () => {
  await stack?.close();
});

describe("what the launcher leaves for the command line", () => {
  it("is a file with five fields, for its owner's eyes only", () => {
    const path = join(stack.state, "local.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      apiUrl: `http://localhost:${stack.port}`,
      token: expect.stringMatching(/^gn_live_[a-z2-7]{52}$/),
      cloudUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      cloudToken: expect.stringMatching(/.{20,}/),
      adminToken: expect.stringMatching(/.{20,}/),
    });
  });

  it("shows none of its secrets in a process list", () => {
    const commands = stack.family().map(({ command }) => command);
    expect(commands.join("\n")).not.toContain(stack.local.token);
    expect(commands.join("\n")).not.toContain(stack.local.cloudToken);
  });
});

describe("a stack that is ended by SIGTERM and started again", () => {
  const before: Record<string, Period[]> = {};
  let token: string;

  beforeAll(async () => {
    token = stack.local.token;
    for (const id of Object.values(ids)) before[id] = await periodsOf(id);
    expect(await stack.stop()).toEqual({ code: 0, signal: null });
    stack = await Stack.start({ state: stack.state, port: stack.port });
  });

  it("takes the same token", async () => {
    expect(stack.local.token).toBe(token);
    expect((await stack.api("GET", "/api/account")).status).toBe(200);
  });

  it("has every instance, as it was", async () => {
    const { body } = await stack.api("GET", "/api/instances");
    const statuses = body.instances.map(({ name, status }: { name: string; status: string }) => [
      name,
      status,
    ]);
    expect(Object.fromEntries(statuses)).toMatchObject({ running: "running", stopped: "stopped" });
    expect(statuses).toHaveLength(3);
  });

  it("runs again what ran, with its volume and its page", async () => {
    const { subdomain } = await stack.reach(ids.running, "running");
    await until("the page", async () => (await stack.visit(subdomain)).status === 200);
    expect(await stack.exec(ids.running, "cat /workspace/name")).toBe("running\n");
    expect((await stack.holdings(ids.running)).machines).toHaveLength(1);
  });

  it("starts what was stopped, with its volume", async () => {
    await stack.run(["compute", "start", ids.stopped]);
    expect(await stack.exec(ids.stopped, "cat /workspace/name; ls /root")).toBe("stopped\n");
  });

  it("resumes what was suspended with its files, though its memory could not outlive the computer's", async () => {
    await stack.run(["compute", "resume", ids.suspended]);
    expect(await stack.exec(ids.suspended, "cat /workspace/name /root/name")).toBe("suspended\nsuspended\n");
  });

  it("has every period, and for each instance exactly one that is open", async () => {
    for (const id of Object.values(ids)) {
      const now = await periodsOf(id);
      const closed = (before[id] ?? []).filter((period) => period.endedAt !== null);
      expect(now).toEqual(expect.arrayContaining(closed));
      expect(now.filter((period) => period.endedAt === null)).toHaveLength(1);
      const inOrder = now.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
      expect(inOrder.slice(0, -1).map(({ endedAt }) => endedAt)).toEqual(
        inOrder.slice(1).map(({ startedAt }) => startedAt),
      );
    }
  });
});

describe("two stacks side by side", () => {
  let other: Stack;

  beforeAll(async () => {
    other = await Stack.start();
  });
  afterAll(async () => {
    await removeTree(other.state);
  });

  it("know nothing of each other", async () => {
    const { id, subdomain } = await other.create({ name: "theirs" });
    const names = async (which: Stack) =>
      (await which.api("GET", "/api/instances")).body.instances.map(({ name }: { name: string }) => name);
    expect(await names(other)).toEqual(["theirs"]);
    expect(await names(stack)).not.toContain("theirs");
    expect((await stack.visit(subdomain)).status).toBe(404);
    expect((await stack.api("GET", `/api/instances/${id}`)).status).toBe(404);
    const foreign = { authorization: `Bearer ${other.local.token}` };
    expect((await stack.api("GET", "/api/instances", undefined, foreign)).status).toBe(401);
  });

  it("the end of one leaves the other as it was", async () => {
    const since = (await stack.instance(ids.running)).statusSince;
    const uptime = await stack.exec(ids.running, "stat -c %Y /proc/1");
    await other.stop();
    other.home.remove();
    expect(await stack.exec(ids.running, "stat -c %Y /proc/1")).toBe(uptime);
    expect((await stack.instance(ids.running)).statusSince).toBe(since);
  });
});

describe("a launcher that cannot start", () => {
  const fails = async (args: readonly string[], why: RegExp) => {
    const state = newStateDir();
    const launcher = new Launcher(["--state", state, ...args], state);
    const { code } = await launcher.ended;
    expect(launcher.output).toMatch(why);
    expect(launcher.output).not.toMatch(STACK_TRACE);
    expect(code).toBe(1);
    expect(existsSync(join(state, "local.json"))).toBe(false);
    await removeTree(state);
  };

  it("says that the port is in use, and what to do", () =>
    fails(
      ["--port", String(stack.port)],
      /port \d+ is in use; choose another with: npm start -- --port \d+/,
    ));

  it("says that a port is none", () => fails(["--port", "eighty"], /--port must be a port, not "eighty"/));

  it("leaves a stack with the same state alone", async () => {
    const boot = await stack.exec(ids.running, "stat -c %Y /proc/1");
    await fails(
      ["--port", "1024", "--state", stack.state],
      /is in use: does another stack run with the same state/,
    );
    expect(await stack.exec(ids.running, "stat -c %Y /proc/1")).toBe(boot);
  });
});

describe("other endings", () => {
  const restart = async () => {
    stack = await Stack.start({ state: stack.state, port: stack.port });
  };

  it("Ctrl-C, which every process of the terminal's group gets, ends everything", async () => {
    expect(await stack.stop(() => process.kill(-stack.launcher.pid, "SIGINT"))).toEqual({
      code: 0,
      signal: null,
    });
    const refused = await stack.cli(["compute", "list"]);
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain("npm start");
  });

  it("Ctrl-C while it is still starting ends everything", async () => {
    const launcher = new Launcher(["--port", String(stack.port), "--state", stack.state], stack.state);
    await until("the local cloud to start", () => launcher.output.includes("starting the control plane"));
    process.kill(-launcher.pid, "SIGINT");
    await launcher.ended;
    expect(launcher.output).not.toMatch(STACK_TRACE);
    await until("every process to end", () => stack.family().length === 0);
  });

  it("a local cloud that crashes is reported, and ends the launcher with an error", async () => {
    await restart();
    const ending = await stack.stop(() =>
      process.kill(childOf(stack.launcher.pid, "src/localcloud/main.ts"), "SIGKILL"),
    );
    expect(ending.code).toBe(1);
    expect(stack.launcher.output).toContain("the local cloud ended unexpectedly (SIGKILL)");
  });

  it("a terminal that is closed ends everything", async () => {
    await restart();
    const ending = await stack.stop(() => process.kill(-stack.launcher.pid, "SIGHUP"));
    expect(ending.code).toBe(0);
  });

  it("a launcher that is killed outright takes the local cloud and every machine with it", async () => {
    await restart();
    const ending = await stack.stop(() => {
      // Its parent's death goes unnoticed by the runtime.
      const runtime = childOf(stack.launcher.pid, "workerd");
      stack.launcher.child.kill("SIGKILL");
      process.kill(runtime, "SIGKILL");
    });
    expect(ending.signal).toBe("SIGKILL");
  });

  it("after all of them the files are still there", async () => {
    await restart();
    await stack.reach(ids.running, "running");
    const file = await until("the machine", async () =>
      stack.exec(ids.running, "cat /workspace/name").catch(() => undefined),
    );
    expect(file).toBe("running\n");
  });
});
