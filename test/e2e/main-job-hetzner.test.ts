/** The main job on a server of the instance's own, behind a tunnel; and what only such a server has to survive. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLongCommand, aShell, runningCommands } from "./main-job/commands.ts";
import { logsAndTheEnd } from "./main-job/end.ts";
import { itsPage, makingOne } from "./main-job/making.ts";
import { aNewAddress, copiesAndOwners, NEVER_EXISTED } from "./main-job/ownership.ts";
import { restarting, stoppingAndStarting } from "./main-job/power.ts";
import { HETZNER, Walk } from "./main-job/walk.ts";
import { childOf } from "./processes.ts";
import { AS_BROWSER, Stack, until } from "./stack.ts";

const walk = new Walk(HETZNER);
const long = aLongCommand(walk);

beforeAll(async () => {
  walk.stack = await Stack.start();
});
afterAll(() => walk.stack?.close());

const hostProgram = async () =>
  (await walk.programs()).find(({ command }) => command.includes("/opt/gentity/host.mjs"))?.pid;

const pageAnswers = async () => (await walk.stack.visit(walk.subdomain, AS_BROWSER)).status === 200;

makingOne(walk);
long.begins();
itsPage(walk);
runningCommands(walk);
aShell(walk);
aNewAddress(walk);

describe("the tunnel", () => {
  it("has an origin that answers nothing from outside: its name is one that never existed", async () => {
    const origin = await walk.stack.originLabel(walk.id);
    for (const headers of [{}, AS_BROWSER]) {
      const [asked, never] = await Promise.all(
        [origin, NEVER_EXISTED].map((name) => walk.stack.visit(name, headers)),
      );
      expect([asked?.status, asked?.text]).toEqual([404, never?.text]);
    }
  });
});

describe("the host program, killed outright,", () => {
  it("is started again by the server; the agent and its page are untouched", async () => {
    const [boot, before] = [await walk.bootOf(), await hostProgram()];
    process.kill(before ?? 0, "SIGKILL");
    expect(await pageAnswers()).toBe(true);
    await until("another one", async () => {
      const now = await hostProgram();
      return now !== undefined && now !== before;
    });
    await until("commands to run", async () => (await walk.shell("true")).code === 0);
    expect(await walk.bootOf()).toBe(boot);
    expect(await pageAnswers()).toBe(true);
    expect((await walk.instance()).status).toBe("running");
  });
});

describe("after that", () => {
  long.ends();
});

describe("the control plane, killed outright,", () => {
  it("is started again; the agent served on, and takes commands again", async () => {
    const boot = await walk.bootOf();
    process.kill(childOf(walk.stack.launcher.pid, "workerd"), "SIGKILL");
    const { launcher } = walk.stack;
    await until("it to be restarted", () => launcher.output.includes("crashed and was restarted"));
    await until("the page", () => pageAnswers().catch(() => false));
    await until("commands to run", async () => (await walk.shell("true")).code === 0);
    expect(await walk.bootOf()).toBe(boot);
    expect((await walk.instance()).status).toBe("running");
  });
});

stoppingAndStarting(walk);
restarting(walk);

describe("suspending", () => {
  it("ends in a stop, since Hetzner has no such thing, and says why", async () => {
    expect(await walk.act("suspend")).toContain("stopped");
    const printed = await walk.stack.run(["compute", "periods", walk.id]);
    expect(printed).toContain("cannot suspend: Hetzner does not suspend servers");
    const page = await walk.stack.visit(walk.subdomain, AS_BROWSER);
    expect([page.status, page.text]).toEqual([502, expect.stringContaining("<h1>Stopped</h1>")]);
    expect(await walk.act("start")).toContain("running");
    expect((await walk.shell("cat /workspace/a")).stdout).toBe("hello\n");
  });
});

copiesAndOwners(walk);

describe("the whole stack, ended and started again,", () => {
  it("has the server with its files, its page and its tunnel", async () => {
    const held = await walk.holdings();
    const { state, port } = walk.stack;
    await walk.stack.stop();
    walk.stack = await Stack.start({ state, port });
    await walk.stack.reach(walk.id, "running");
    await until("the page", pageAnswers);
    await until("commands to run", async () => (await walk.shell("true")).code === 0);
    expect((await walk.shell("cat /workspace/a")).stdout).toBe("hello\n");
    expect(await walk.holdings()).toEqual(held);
  });
});

logsAndTheEnd(walk);
