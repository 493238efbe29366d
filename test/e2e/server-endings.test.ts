/** What ends around an agent on a server of its own: the host program, the control plane, the whole computer. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HETZNER, Walk } from "./main-job/walk.ts";
import { childOf } from "./processes.ts";
import { Stack, until } from "./stack.ts";

const walk = new Walk(HETZNER);
/** Longer than any vendor holds a call. */
let long: ReturnType<Walk["shell"]>;

beforeAll(async () => {
  walk.stack = await Stack.start();
  const { id, subdomain } = await walk.stack.create({ provider: "hetzner" });
  Object.assign(walk, { id, subdomain });
  await walk.shell("echo hello > /workspace/a; sync");
  long = walk.shell("echo begun; sleep 32; echo done; exit 4");
  await until("it to begin", async () => (await walk.shell("pgrep -f 'sleep 3[2]'")).code === 0);
});
afterAll(() => walk.stack?.close());

const hostProgram = async () =>
  (await walk.programs()).find(({ command }) => command.includes("/opt/gentity/host.mjs"))?.pid;
const pageAnswers = async () => (await walk.stack.visit(walk.subdomain)).status === 200;
const takesCommands = async () => (await walk.shell("true")).code === 0;

describe("the host program, killed outright,", () => {
  it("is started again by the server; the agent and its page are untouched", async () => {
    const [boot, before] = [await walk.bootOf(), await hostProgram()];
    process.kill(before ?? 0, "SIGKILL");
    expect(await pageAnswers()).toBe(true);
    expect(await takesCommands()).toBe(true);
    expect(await hostProgram()).not.toBe(before);
    expect(await walk.bootOf()).toBe(boot);
    expect(await pageAnswers()).toBe(true);
    expect((await walk.instance()).status).toBe("running");
  });

  it("lesson 14: loses no command; one of more than 30 seconds ends as any other", async () => {
    expect(await long).toMatchObject({ code: 4, stdout: "begun\ndone\n", stderr: "" });
  });
});

describe("the control plane, killed outright,", () => {
  it("is started again; the agent served on, and takes commands again", async () => {
    const boot = await walk.bootOf();
    process.kill(childOf(walk.stack.launcher.pid, "workerd"), "SIGKILL");
    const { launcher } = walk.stack;
    await until("it to be restarted", () => launcher.output.includes("crashed and was restarted"));
    await until("the page", () => pageAnswers().catch(() => false));
    await until("commands to run", takesCommands);
    expect(await walk.bootOf()).toBe(boot);
    expect((await walk.instance()).status).toBe("running");
  });
});

describe("the whole stack, ended and started again,", () => {
  it("has the server with its files, its page and its tunnel", async () => {
    const held = await walk.holdings();
    const { state, port } = walk.stack;
    await walk.stack.stop();
    walk.stack = await Stack.start({ state, port });
    await walk.stack.reach(walk.id, "running");
    await until("the page", pageAnswers);
    await until("commands to run", takesCommands);
    expect((await walk.shell("cat /workspace/a")).stdout).toBe("hello\n");
    expect(await walk.holdings()).toEqual(held);
  });

  it("leaves a server that can be deleted, with nothing left", async () => {
    await walk.stack.run(["compute", "delete", walk.id, "--yes"]);
    expect(await walk.holdings()).toEqual(walk.vendor.nothing);
  });
});
