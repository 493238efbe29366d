/** New settings for a machine that exists. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Target } from "../../src/providers/provider.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { drive, driveAll, run, stateOf, UP } from "./drive.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterEach(() => cloud.calm());
afterAll(() => cloud.close());

const withKey = (id: string, KEY: string) => cloud.recipe({ id, env: { KEY } });

async function shell(target: Target, script: string): Promise<unknown> {
  const outcome = await cloud.provider.exec(target, { command: ["sh", "-c", script], timeoutSeconds: 10 });
  return outcome.type === "ok" ? outcome.value.stdout : outcome;
}

async function made(): Promise<Target> {
  const target = cloud.newTarget();
  await driveAll(cloud, UP, target, withKey("first", "old-key"));
  await shell(target, "echo kept >/data/file");
  return target;
}

describe("a machine that gets another recipe", () => {
  it.each([
    ["running", []],
    ["stopped", ["stop"]],
    ["suspended", ["suspend"]],
  ] as const)("%s: is down with it, and starts with it and with its data", async (_, before) => {
    const target = await made();
    await driveAll(cloud, before, target);
    const recipe = withKey("second", "new-key");
    expect(await drive(cloud, "configure", target, recipe)).toMatchObject({
      type: "ok",
      value: { observed: { machine: "stopped" } },
    });
    const machine = await cloud.api("GET", `/v1/apps/${target.refs.place}/machines/${target.refs.machine}`);
    expect(JSON.stringify(machine.body)).not.toContain("old-key");
    await driveAll(cloud, ["start", "boot"], target);
    expect(await shell(target, "echo $KEY; cat /data/file")).toBe("new-key\nkept\n");
  });

  it("gets it once, however often it is asked, and is not stopped again for it", async () => {
    const target = await made();
    const recipe = withKey("second", "new-key");
    await driveAll(cloud, ["configure", "configure", "start", "boot"], target, recipe);
    await drive(cloud, "configure", target, recipe);
    expect(await stateOf(cloud, target)).toBe("started");
  });

  it("has it after a lost answer", async () => {
    const target = await made();
    const match = { method: "POST", path: "^/v1/apps/[^/]+/machines/[^/]+$", count: 1 };
    await cloud.api("POST", "/_control/faults", { kind: "lost_answer", match });
    const recipe = withKey("second", "new-key");
    expect(await run(cloud, "configure", target, recipe)).toMatchObject({ type: "unknown" });
    await driveAll(cloud, ["configure", "start", "boot"], target, recipe);
    expect(await shell(target, "echo $KEY")).toBe("new-key\n");
  });

  it("that is gone holds no settings", async () => {
    const target = await made();
    await driveAll(cloud, ["unmachine"], target);
    expect(await drive(cloud, "configure", target, withKey("second", "k"))).toMatchObject({
      type: "ok",
      value: { observed: { machine: "absent" } },
    });
  });
});

describe("a file that is written at the first boot alone", () => {
  it("is written once more for a new edition, and then left alone again", async () => {
    const target = cloud.newTarget({ exposure: "private" });
    const recipe = (id: string, content: string, edition?: string) =>
      cloud.recipe({
        id,
        // On the root disk, which a start makes anew.
        command: ["touch /tmp/up; exec sleep infinity"],
        files: [{ path: "/data/agent.json", content, firstBootOnly: true, ...(edition && { edition }) }],
      });
    // A machine is up before its agent is, and with it the files that are written first.
    const readWhenUp = () =>
      shell(target, "while [ ! -e /tmp/up ]; do sleep 0.1; done; cat /data/agent.json");
    const restart = async (next: ReturnType<typeof recipe>) => {
      await driveAll(cloud, ["configure", "start", "boot"], target, next);
      return readWhenUp();
    };
    await driveAll(cloud, ["place", "volume", "machine", "boot"], target, recipe("r1", "first"));
    expect(await readWhenUp()).toBe("first");
    expect(await restart(recipe("r2", "second"))).toBe("first");
    expect(await restart(recipe("r3", "third", "trf_1"))).toBe("third");
    await shell(target, "printf changed >/data/agent.json");
    expect(await restart(recipe("r4", "fourth", "trf_1"))).toBe("changed");
    expect(await restart(recipe("r5", "fifth", "trf_2"))).toBe("fifth");
  });
});
