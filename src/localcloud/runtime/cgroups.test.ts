import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { afterEach, describe, it } from "vitest";
import { Cgroups, MachineCgroup } from "./cgroups.ts";
import { continueTree, killTree, stopTree } from "./freezer.ts";
import { isAlive, processTree } from "./process-tree.ts";

/** Counts on stdout, in a process below the one that is started. */
function counter(joins: readonly string[]): { child: ChildProcess; count(): number } {
  const join = joins.map((file) => `echo $$ > ${file};`).join(" ");
  const script = `${join} ( n=0; while :; do n=$((n+1)); echo $n; sleep 0.01; done ) & wait`;
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"], detached: true });
  let last = 0;
  child.stdout?.on("data", (data: Buffer) => {
    last = Number(data.toString().trim().split("\n").at(-1));
  });
  return { child, count: () => last };
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const rest = () => new Promise((resolve) => setTimeout(resolve, 200));

const started: ChildProcess[] = [];
afterEach(async () => {
  for (const { pid = -1 } of started.splice(0)) await killTree(pid);
});

function start(joins: readonly string[] = []) {
  const one = counter(joins);
  started.push(one.child);
  return { ...one, pid: one.child.pid ?? -1 };
}

/** The first folder of these in which a control group with a freezer can be made. */
function freezers(): { version: string; cgroup: MachineCgroup }[] {
  const places = [
    ["1", "freezer", "/sys/fs/cgroup/freezer"],
    ["2", "unified", "/sys/fs/cgroup/unified"],
    ["2", "unified", "/sys/fs/cgroup"],
  ] as const;
  return places.flatMap(([version, name, base]) => {
    const dir = `${base}/localcloud-test-${process.pid}`;
    try {
      mkdirSync(dir);
      if (!existsSync(`${dir}/cgroup.procs`)) {
        // A plain folder: no such hierarchy is mounted there.
        rmdirSync(dir);
        return [];
      }
      return [{ version, cgroup: new MachineCgroup([{ name, dir }]) }];
    } catch {
      return [];
    }
  });
}

describe("a tree of processes", () => {
  for (const { version, cgroup } of freezers()) {
    it(`is stopped by control groups of version ${version}, goes on, and can be killed even when frozen`, async ({
      expect,
    }) => {
      const { pid, count } = start(cgroup.joinFiles);
      await until(() => count() > 3);
      await cgroup.freeze();
      await rest();
      const frozen = count();
      await rest();
      expect(count()).toBe(frozen);
      await cgroup.thaw();
      await until(() => count() > frozen);
      await cgroup.freeze();
      await cgroup.killAll();
      expect(await isAlive(pid)).toBe(false);
      await cgroup.remove();
    });
  }

  it("is stopped by signals, and goes on", async ({ expect }) => {
    const { pid, count } = start();
    await until(() => count() > 3);
    await stopTree(() => processTree(pid));
    await rest();
    const frozen = count();
    await rest();
    expect(count()).toBe(frozen);
    await continueTree(() => processTree(pid));
    await until(() => count() > frozen);
  });
});

describe("control groups of a program", () => {
  it("that are left over are swept by the next start", async ({ expect }) => {
    const scope = `localcloud-left-${process.pid}`;
    const before = await Cgroups.detect(scope);
    if (before.names.length === 0) return;
    const left = await before.create("m", { memoryMb: 256, cpus: 1 });
    const { pid, count } = start(left.joinFiles);
    await until(() => count() > 3);
    await left.freeze();
    const after = await Cgroups.detect(scope);
    expect(await isAlive(pid)).toBe(false);
    await after.close();
  });
});
