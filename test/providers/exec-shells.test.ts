import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type Exec, type ExecEvent, runExec } from "../../src/provisioning/exec/run.ts";
import { BUSY_FILE, findWork } from "../../src/provisioning/exec/work.ts";
import { execIn, installShells, type ShellExec } from "./shells.ts";

const { shells, remove } = installShells();
afterAll(remove);

const run = async (exec: Exec, ...argv: string[]) => {
  const outcome = await exec.runToEnd({ argv });
  if (outcome.type !== "ok") throw new Error(JSON.stringify(outcome));
  return outcome.value;
};

describe.each(shells)("a command in $name", (shell) => {
  let machine: ShellExec;
  let exec: Exec;
  beforeEach(() => {
    machine = execIn(shell);
    exec = runExec({ exec: machine.exec, substrate: "fly-machine" });
  });
  const sh = (script: string, ...args: string[]) => [shell.sh, "-c", script, "sh", ...args];

  it("costs one call for a short command, with both outputs and the exit code", async () => {
    expect(await run(exec, ...sh("echo out; echo err >&2; exit 3"))).toMatchObject({
      exitCode: 3,
      signal: null,
      stdout: "out\n",
      stderr: "err\n",
      truncated: false,
      timedOut: false,
      substrate: "fly-machine",
    });
    expect(machine.calls.length).toBe(1);
  });

  it("passes every argument exactly", async () => {
    const odd = ["", " ", "'", '"', "$HOME", "`id`", "\\", "a\nb", "-n", "*", "é", "--", "a=b"];
    expect((await run(exec, ...sh('for a; do printf "[%s]" "$a"; done', ...odd))).stdout).toBe(
      odd.map((text) => `[${text}]`).join(""),
    );
  });

  it("gives folder, environment and input", async () => {
    const outcome = await exec.runToEnd({
      argv: sh('pwd; printf "%s" "$ODD"; cat'),
      cwd: "/usr",
      env: { ODD: 'it\'s "$x"\n' },
      stdin: new TextEncoder().encode("in\n"),
    });
    expect(outcome).toMatchObject({ value: { stdout: '/usr\nit\'s "$x"\nin\n' } });
  });

  it("says that a folder or a command is not there", async () => {
    expect(await exec.runToEnd({ argv: ["true"], cwd: "/nowhere" })).toMatchObject({
      value: { exitCode: 126 },
    });
    expect(await run(exec, "no-such-command")).toMatchObject({
      exitCode: 127,
      stderr: expect.stringMatching(/not found/),
    });
  });

  it("brings binary output and input of any size through", async () => {
    const bytes = new Uint8Array(300_000).map((_, index) => (index * 7919) >> 3);
    const { events } = exec.stream({ argv: ["cat"], stdin: bytes });
    const out: Uint8Array[] = [];
    for await (const event of events) if (event.type === "stdout") out.push(event.data);
    expect(Buffer.concat(out).equals(Buffer.from(bytes))).toBe(true);
  });

  it("cuts what is too long and says so", async () => {
    const result = await run(exec, ...sh("head -c 1500000 /dev/zero | tr '\\0' x; echo done >&2"));
    expect([result.stdout.length, result.truncated, result.stderr]).toEqual([1024 * 1024, true, "done\n"]);
  });

  it.each([
    ["that heeds it", "sleep N & sleep N", "SIGTERM"],
    ["whose children do not", "(trap '' TERM; sleep N & sleep N) & sleep 60", "SIGTERM"],
    ["that does not", "trap '' TERM; sleep N & sleep N; sleep N", "SIGKILL"],
  ])("ends a whole group %s when time is up", async (_, script, signal) => {
    // Nobody else sleeps for exactly so long.
    const seconds = `6${process.pid}${shell.name.length}${signal.length}`;
    const argv = sh(script.replaceAll("N", seconds));
    const outcome = await exec.runToEnd({ argv, timeoutSeconds: 1 });
    expect(outcome).toMatchObject({ value: { timedOut: true, signal } });
    expect(spawnSync("pgrep", ["-fx", `sleep ${seconds}`]).stdout.toString()).toBe("");
  });

  it("leaves interrupts to the command", async () => {
    const outcome = await run(exec, ...sh("kill -INT $$; echo survived"));
    if (shell.name === "busybox") return; // Its setsid cannot detach by itself, and a shell's `&` makes commands deaf to interrupts.
    expect(outcome).toMatchObject({ exitCode: 130, signal: "SIGINT", stdout: "" });
  });
});

describe.each(shells)("following a command in $name", (shell) => {
  let machine: ShellExec;
  let exec: Exec;
  beforeEach(() => {
    machine = execIn(shell);
    exec = runExec({ exec: machine.exec, substrate: "fly-machine" });
  });
  const sh = (script: string, ...args: string[]) => [shell.sh, "-c", script, "sh", ...args];

  it("runs a command once, however often it is started", async () => {
    let lost = 2;
    const flaky = runExec({
      exec: async (request) => {
        const outcome = await machine.exec(request);
        return lost-- > 0 ? { type: "unknown", cause: "lost" } : outcome;
      },
      substrate: "fly-machine",
      sleep: async () => {},
    });
    const outcome = await flaky.runToEnd({ argv: sh("echo ran") });
    expect(outcome).toMatchObject({ value: { stdout: "ran\n" } });
    expect(machine.calls.length).toBe(3);
  });

  it("tells what happens as it happens", async () => {
    const { events } = exec.stream({
      argv: sh("echo one; sleep 3 & sleep 0.3; echo two >&2; exit 5"),
    });
    const seen: ExecEvent[] = [];
    for await (const event of events) seen.push(event);
    expect(seen.map((event) => event.type)).toEqual(["stdout", "stderr", "exit"]);
    expect(seen.at(-1)).toMatchObject({ result: { exitCode: 5 } });
    for (const call of machine.calls.slice(1)) expect(call.command[4]).toBe("poll");
  });

  it("detaches, polls and cancels", async () => {
    const started = await exec.startDetached({ argv: sh("echo up; sleep 60") });
    if (started.type !== "ok") throw new Error("not started");
    const { execId } = started.value;
    const first = await exec.poll(execId, { stdout: 0, stderr: 0 }, { holdSeconds: 5 });
    expect(first).toMatchObject({ value: { offsets: { stdout: 3, stderr: 0 } } });
    expect(first.type === "ok" && first.value.exit).toBeUndefined();
    expect(await exec.cancel(execId)).toMatchObject({
      type: "ok",
      value: { exitCode: 143, signal: "SIGTERM" },
    });
    expect(await exec.poll(execId, { stdout: 3, stderr: 0 })).toMatchObject({
      value: { exit: { exitCode: 143 } },
    });
    expect(await exec.cancel(execId)).toMatchObject({ value: { exitCode: 143 } });
  });

  it("knows nothing of a command it never had", async () => {
    expect(await exec.poll("neverstarted", { stdout: 0, stderr: 0 })).toMatchObject({ code: "missing" });
    expect(await exec.poll("../../etc", { stdout: 0, stderr: 0 })).toMatchObject({ code: "missing" });
    expect(await exec.runToEnd({ argv: ["true"], env: { "a-b": "1" } })).toMatchObject({
      code: "invalid_spec",
    });
  });

  it("lesson 2: is found at work by a look into the machine, until it has ended", async () => {
    const started = await exec.startDetached({
      argv: sh("while [ ! -e $1 ]; do sleep 0.05; done", `${dirname(shell.sh)}/go`),
    });
    if (started.type !== "ok") throw new Error(JSON.stringify(started));
    const { execId } = started.value;
    expect(await findWork(machine.exec)).toEqual({
      type: "ok",
      value: `the command ${execId} is running`,
    });
    writeFileSync(`${dirname(shell.sh)}/go`, "");
    for (;;) {
      const seen = await exec.poll(execId, { stdout: 0, stderr: 0 });
      if (seen.type !== "ok" || seen.value.exit) break;
    }
    expect(await findWork(machine.exec)).toEqual({ type: "ok", value: undefined });
  });

  it("lesson 2: takes no command for one at work whose machine has booted since, or whose process is gone", async () => {
    const folder = join(dirname(shell.sh), ".gentity", "exec");
    const leftBehind = (id: string, files: Record<string, string>) => {
      mkdirSync(join(folder, id), { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, id, name), text);
    };
    leftBehind("aaaaaaaa", { pid: `${process.pid}\n`, started: "99999999999.00\n" });
    leftBehind("bbbbbbbb", { pid: "4194303\n", started: "1.00\n" });
    leftBehind("cccccccc", { pid: "" });
    leftBehind("dddddddd", { pid: `${process.pid}\n`, started: "1.00\n", exit: "0 2.00\n" });
    expect(await findWork(machine.exec)).toEqual({ type: "ok", value: undefined });
    rmSync(folder, { recursive: true });
  });

  it("lesson 2: finds a stream that is open to the agent, and nothing once it has ended", async () => {
    const server = createServer((socket) => socket.on("error", () => {}));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    expect(await findWork(machine.exec, port)).toEqual({ type: "ok", value: undefined });
    const streams = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
    await Promise.all(streams.map((stream) => once(stream, "connect")));
    expect(await findWork(machine.exec, port)).toEqual({
      type: "ok",
      value: "2 connections to the agent are open",
    });
    // Another's port is not the agent's.
    expect(await findWork(machine.exec, port === 1 ? 2 : 1)).toEqual({ type: "ok", value: undefined });
    streams[0]?.destroy();
    await expect
      .poll(() => findWork(machine.exec, port), { timeout: 10_000 })
      .toEqual({ type: "ok", value: "1 connection to the agent is open" });
    streams[1]?.destroy();
    await expect
      .poll(() => findWork(machine.exec, port), { timeout: 10_000 })
      .toEqual({ type: "ok", value: undefined });
    server.close();
  });

  it("lesson 2: takes no connection for work that is over within a second, as one is that asks after its health", async () => {
    const server = createServer((socket) => socket.on("error", () => {}));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    let probe = connect(port, "127.0.0.1");
    const timer = setInterval(() => {
      probe.destroy();
      probe = connect(port, "127.0.0.1").on("error", () => {});
    }, 200);
    expect(await findWork(machine.exec, port)).toEqual({ type: "ok", value: undefined });
    clearInterval(timer);
    probe.destroy();
    server.close();
  });

  it("lesson 2: heeds what the agent says of itself, for as long as it goes on saying so", async () => {
    writeFileSync(BUSY_FILE, "indexing \u001b[31mthe library\nmore\n");
    try {
      expect(await findWork(machine.exec)).toEqual({
        type: "ok",
        value: "the agent says: indexing [31mthe library",
      });
      const longAgo = new Date(Date.now() - 11 * 60_000);
      utimesSync(BUSY_FILE, longAgo, longAgo);
      expect(await findWork(machine.exec)).toEqual({ type: "ok", value: undefined });
    } finally {
      rmSync(BUSY_FILE);
    }
  });
});
