/** The main job at Fly; and what only Fly does: to suspend a machine and go on where it was. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aShell, runningCommands } from "./main-job/commands.ts";
import { logsAndTheEnd } from "./main-job/end.ts";
import { itsPage, makingOne } from "./main-job/making.ts";
import { aNewAddress, copiesAndOwners } from "./main-job/ownership.ts";
import { restarting, stoppingAndStarting } from "./main-job/power.ts";
import { itsTraffic } from "./main-job/traffic.ts";
import { FLY, Walk } from "./main-job/walk.ts";
import { Stack, until } from "./stack.ts";

const walk = new Walk(FLY);

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
stoppingAndStarting(walk);
restarting(walk);

describe("suspending and resuming", () => {
  const COUNTER = 'i=0; while :; do i=$((i+1)); echo "$(date +%s%3N) $i" >>/root/counter; sleep 0.05; done';
  const counted = async () =>
    (await walk.shell("cat /root/counter")).stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ").map(Number))
      .map(([at = 0, count = 0]) => ({ at, count }));

  it("keeps a counter in memory exactly where it was, and it goes on from there", async () => {
    const started = await walk.stack.run(["compute", "exec", walk.id, "--detach", "--", "sh", "-c", COUNTER]);
    expect(started).toMatch(/^\w+\n$/);
    await until("the counter to count", async () => (await counted()).length > 3);

    expect(await walk.act("suspend")).toContain("suspended");
    expect(await walk.act("resume")).toContain("running");

    const { body } = await walk.stack.api("GET", `/api/instances/${walk.id}/periods`);
    const asleep = body.periods.find((period: { state: string }) => period.state === "suspended");
    const [from, to] = [asleep.startedAt, asleep.endedAt].map(Date.parse) as [number, number];
    const lines = await until("the counter to go on", async () => {
      const now = await counted();
      return now.filter(({ at }) => at > to).length > 3 && now;
    });
    expect(lines.map(({ count }) => count)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.filter(({ at }) => at > from && at < to)).toEqual([]);
  });

  it("wakes a suspended instance for a command", async () => {
    await walk.act("suspend");
    expect((await walk.shell("echo awake")).stdout).toBe("awake\n");
    expect(await walk.stack.run(["compute", "get", walk.id])).toContain("running");
  });

  it("lesson 7: the 50th suspend has every file as it was, on the volume and on the root disk", async () => {
    const hashes = "find /workspace/many /root/many -type f | sort | xargs sha256sum";
    const write = (name: string) =>
      `for d in /workspace/many /root/many; do mkdir -p $d; head -c 16384 /dev/urandom >$d/${name}; done`;
    const action = async (name: string, status: string) => {
      const { body } = await walk.stack.api("POST", `/api/instances/${walk.id}/action`, { action: name });
      expect(body).toEqual({ ok: true, status });
    };
    for (let turn = 1; turn <= 50; turn++) {
      const before = await walk.stack.exec(walk.id, `${write(`file-${turn}`)}; ${hashes}`);
      await action("suspend", "suspended");
      await action("resume", "running");
      expect(await walk.stack.exec(walk.id, hashes)).toBe(before);
    }
    expect((await walk.stack.exec(walk.id, hashes)).trim().split("\n")).toHaveLength(100);
  });
});

copiesAndOwners(walk);
logsAndTheEnd(walk);
