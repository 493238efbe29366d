/** A volume that begins as a copy of another instance's. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Target } from "../../src/providers/provider.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { drive, driveAll, UP } from "./drive.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterEach(() => cloud.calm());
afterAll(() => cloud.close());

async function shell(target: Target, script: string): Promise<string> {
  const outcome = await cloud.provider.exec(target, { command: ["sh", "-c", script], timeoutSeconds: 20 });
  return outcome.type === "ok" ? outcome.value.stdout : JSON.stringify(outcome);
}

/** Contents, modes, owners and links of everything below the volume. */
const HASH =
  "cd /data && (find . | sort | xargs stat -c '%n %a %u %g %F %N'; find . -type f | sort | xargs sha256sum) | sha256sum";

async function source(): Promise<Target> {
  const target = cloud.newTarget();
  await driveAll(cloud, UP, target);
  await shell(
    target,
    "cd /data && mkdir -p a/b && seq 100000 >a/b/n && ln -s b/n a/l && chmod 640 a/b/n && :>.hidden",
  );
  return target;
}

it.each([
  ["running", []],
  ["stopped", ["stop"]],
] as const)("has the data of a %s source, which stays as it was", async (_, before) => {
  const from = await source();
  const hash = await shell(from, HASH);
  await driveAll(cloud, before, from);
  const look = async () =>
    (await cloud.api("GET", `/v1/apps/${from.refs.place}/machines/${from.refs.machine}`)).body;
  const untouched = await look();
  const to = cloud.newTarget({ sourceVolume: from.refs.volume ?? "" });
  await driveAll(cloud, UP, to);
  expect(to.refs.volume).not.toBe(from.refs.volume);
  expect(await shell(to, HASH)).toBe(hash);
  expect(await look()).toEqual(untouched);
  await shell(to, "rm -rf /data/a");
  await driveAll(cloud, before.length === 0 ? [] : ["start", "boot"], from);
  expect(await shell(from, HASH)).toBe(hash);
});

it("is forked once, whatever answers were lost", async () => {
  const from = await source();
  const to = cloud.newTarget({ sourceVolume: from.refs.volume ?? "" });
  await driveAll(cloud, ["place"], to);
  await cloud.order({ kind: "lost_answer", at: "volume" });
  await driveAll(cloud, ["volume", "machine", "boot"], to);
  expect(await cloud.count(to)).toMatchObject({ volumes: 1 });
  expect(await shell(to, HASH)).toBe(await shell(from, HASH));
});

it("fails closed when the source is gone: no empty volume stands in for it (lesson 4)", async () => {
  const to = cloud.newTarget({ sourceVolume: "vol_gone" });
  await driveAll(cloud, ["place"], to);
  expect(await drive(cloud, "volume", to)).toMatchObject({ type: "rejected", code: "missing" });
  expect(await cloud.count(to)).toMatchObject({ volumes: 0 });
});
