import { describe, it } from "vitest";
import { durationMs, type MachineConfig, resolveGuest } from "./config.ts";
import { commandOf, keepsRootDisk } from "./engine/boot-spec.ts";
import { afterExit, exitCode } from "./engine/exits.ts";
import { LineCutter } from "./log-store.ts";
import { appOfHost } from "./proxy/route.ts";
import type { MachineRecord } from "./records.ts";
import { isSettled, mayMove } from "./states.ts";
import { splitWords } from "./words.ts";

const image = { description: "", real: true, entrypoint: ["entry"], cmd: ["cmd"], env: {}, binds: [] };
const config = (more: object): MachineConfig => ({ image: "i", ...more });

describe("the command of a machine", () => {
  it.for([
    [{}, ["entry", "cmd"]],
    [{ init: { cmd: ["a"] } }, ["entry", "a"]],
    [{ init: { entrypoint: ["e"] } }, ["e", "cmd"]],
    [{ init: { entrypoint: ["e"], cmd: ["a"] } }, ["e", "a"]],
    [{ init: { exec: ["x", "y"], cmd: ["a"] } }, ["x", "y"]],
    [{ init: { exec: ["x"] }, processes: [{ cmd: ["p"] }] }, ["entry", "p"]],
    [{ init: { exec: [], cmd: null } }, ["entry", "cmd"]],
  ] as const)("of %j is %j", ([more, argv], { expect }) => {
    expect(commandOf(config(more), image)).toEqual(argv);
  });

  it("is mapped by the image only when it was configured", ({ expect }) => {
    const mapping = { ...image, bundledCommand: (argv: string[]) => ["mapped", ...argv] };
    expect(commandOf(config({}), mapping)).toEqual(["entry", "cmd"]);
    expect(commandOf(config({ init: { exec: ["x"] } }), mapping)).toEqual(["mapped", "x"]);
  });
});

describe("the root disk", () => {
  const record = (more: object, keepRootDisk?: true) =>
    ({ config: config(more), keepRootDisk }) as MachineRecord;
  it.for([
    [record({}), "start", false],
    [record({}, true), "start", true],
    [record({ rootfs: { persist: "always" } }), "start", true],
    [record({ rootfs: { persist: "restart" } }), "start", false],
    [record({ rootfs: { persist: "restart" } }), "restart", true],
    [record({ guest: { persist_rootfs: "always" } }), "restart", true],
  ] as const)("case %#", ([of, reason, kept], { expect }) => {
    expect(keepsRootDisk(of, reason)).toBe(kept);
  });
});

describe("after an exit", () => {
  const exit = (code: number | null, signal: NodeJS.Signals | null = null) => ({
    ending: { code, signal },
    stopRequested: false,
    oomKilled: false,
  });
  it.for([
    [{}, exit(0), 0, "rest"],
    [{}, exit(1), 0, "restart"],
    [{}, exit(1), 10, "rest"],
    [{ restart: { policy: "" } }, exit(1), 0, "restart"],
    [{ restart: { policy: "no" } }, exit(1), 0, "rest"],
    [{ restart: { policy: "always" } }, exit(0), 500, "restart"],
    [{ restart: { policy: "on-failure", max_retries: 1 } }, exit(null, "SIGKILL"), 0, "restart"],
    [{ auto_destroy: true }, exit(0), 0, "destroy"],
    [{ auto_destroy: true }, exit(1), 0, "restart"],
  ] as const)("case %#", ([more, ended, restarts, verdict], { expect }) => {
    expect(afterExit(config(more), ended, restarts).type).toBe(verdict);
  });

  it("a signal counts from 128", ({ expect }) => {
    expect([exitCode(exit(3)), exitCode(exit(null, "SIGKILL"))]).toEqual([3, 137]);
  });
});

describe("small things", () => {
  it.for([
    [{}, { cpu_kind: "shared", cpus: 1, memory_mb: 256 }],
    [{ size: "shared-cpu-2x" }, { cpu_kind: "shared", cpus: 2, memory_mb: 512 }],
    [{ size: "performance-4x" }, { cpu_kind: "performance", cpus: 4, memory_mb: 8192 }],
    [{ guest: { cpus: 2, memory_mb: 4096 } }, { cpu_kind: "shared", cpus: 2, memory_mb: 4096 }],
  ] as const)("the size of %j", ([more, guest], { expect }) => {
    expect(resolveGuest(config(more))).toEqual(guest);
  });

  it.for([
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["250ms", 250],
    [5e9, 5000],
    ["", undefined],
    ["soon", undefined],
  ] as const)("the duration %s", ([text, ms], { expect }) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.for([
    ["a b", ["a", "b"]],
    ["  a   'b c' ", ["a", "b c"]],
    ['a "b \\" c"', ["a", 'b " c']],
    ["a\\ b ''", ["a b", ""]],
    ["'it\\s'", ["it\\s"]],
    ["", []],
  ] as const)("the words of %j", ([line, words], { expect }) => {
    expect(splitWords(line)).toEqual(words);
  });

  it.for([
    ["my-app.fly.dev", "my-app"],
    ["my-app.localhost:8080", "my-app"],
    ["a.b.fly.dev", undefined],
    ["127.0.0.1:80", undefined],
    [undefined, undefined],
  ] as const)("the app of the host %s", ([host, app], { expect }) => {
    expect(appOfHost(host)).toBe(app);
  });

  it("there is no way out of destroyed, nor out of a state that nobody knows", ({ expect }) => {
    expect(mayMove("destroyed", "starting")).toBe(false);
    expect(mayMove("hibernating", "starting")).toBe(false);
    expect([isSettled("failed"), isSettled("stopping")]).toEqual([true, false]);
  });

  it("lines are cut at their ends, whatever the pieces", ({ expect }) => {
    const lines: string[] = [];
    const cutter = new LineCutter((line) => lines.push(line));
    const bytes = Buffer.from("one\r\ntwö\nthree");
    for (const byte of bytes) cutter.push(Uint8Array.of(byte));
    expect(lines).toEqual(["one", "twö"]);
    cutter.end();
    expect(lines).toEqual(["one", "twö", "three"]);
  });
});
