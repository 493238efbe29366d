/** The main job on a server of the instance's own, behind a tunnel; and what such a server does not do. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aShell, runningCommands } from "./main-job/commands.ts";
import { logsAndTheEnd } from "./main-job/end.ts";
import { itsPage, makingOne } from "./main-job/making.ts";
import { aNewAddress, copiesAndOwners, NEVER_EXISTED } from "./main-job/ownership.ts";
import { restarting, stoppingAndStarting } from "./main-job/power.ts";
import { itsTraffic } from "./main-job/traffic.ts";
import { HETZNER, Walk } from "./main-job/walk.ts";
import { AS_BROWSER, Stack } from "./stack.ts";

const walk = new Walk(HETZNER);

beforeAll(async () => {
  walk.stack = await Stack.start();
});
afterAll(() => walk.stack?.close());

makingOne(walk);
itsPage(walk);
itsTraffic(walk);
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
logsAndTheEnd(walk);
