/** The README's two minutes, in the README's order, by the command line a newcomer has. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environment, MAIN } from "../../src/cli/testing/run-cli.ts";
import { processesWithEnv } from "../../src/os/processes.ts";
import { AS_BROWSER, NOTHING, Stack, until } from "./stack.ts";

const NEVER_EXISTED = "cl-neverwas";

let stack: Stack;
let id: string;
let subdomain: string;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(() => stack?.close());

const exec = (...command: string[]) => stack.cli(["compute", "exec", id, "--", ...command]);
const shell = (script: string) => exec("sh", "-c", script);
const act = (action: string) => stack.run(["compute", action, id]);

describe("making one", () => {
  it("shows the five agents", async () => {
    const agents = await stack.run(["agents"]);
    for (const agent of ["openclaw", "hermes", "aider", "claude-code", "browser-use"]) {
      expect(agents).toMatch(new RegExp(`^${agent}\\b`, "m"));
    }
  });

  it("creates an instance with the README's own line, and says where it is", async () => {
    const line = "compute create --agent claude-code --model claude-sonnet-4-6 --api-key sk-test";
    const printed = await stack.run(line.split(" "));
    const field = (name: string) => new RegExp(`^${name} +(.+)$`, "m").exec(printed)?.[1] ?? "";
    id = field("id");
    subdomain = field("subdomain");
    expect(id).toMatch(/^cmp[a-z0-9]+$/);
    expect(subdomain).toMatch(/^cl-[a-z0-9]{8}$/);
    expect(field("status")).toBe("● running");
    expect(field("url")).toBe(`http://${subdomain}.gentity.localhost:${stack.port}/`);
  });

  it("answers at its URL", async () => {
    const { status, text, headers } = await stack.visit(subdomain, AS_BROWSER);
    expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(text).toContain("<h1>Claude Code</h1>");
    expect(text).toContain("claude-sonnet-4-6");
  });

  it("says honestly what runs: Claude Code where npm has it, else a page in its place and why", async () => {
    const { text } = await stack.visit(subdomain, AS_BROWSER);
    const logs = await stack.run(["compute", "logs", id]);
    const [, kind, said = ""] = /<p class="runs ([a-z-]+)">([^<]+)</.exec(text) ?? [];
    expect(logs).toContain("running: ");
    if (kind === "real") {
      expect(said).toMatch(/^The real Claude Code \d+\.\d+\.\d+, from npm\.$/);
      expect(logs).toContain(`running: ${said}`);
      const [version = "none"] = /\d+\.\d+\.\d+/.exec(said) ?? [];
      expect((await exec("claude", "--version")).stdout).toContain(version);
    } else {
      expect(said).toMatch(/^A built-in page, not Claude Code: .+/);
      expect(logs).toMatch(/running: A built-in page, not Claude Code: .+/);
      expect((await exec("claude", "--version")).code).toBe(127);
    }
  });

  it("is found by the beginning of its id or of its subdomain", async () => {
    for (const name of [id.slice(0, 12), subdomain, subdomain.slice(0, 5)]) {
      expect(await stack.run(["compute", "get", name])).toContain(id);
    }
    expect(await stack.run(["compute", "list"])).toContain(subdomain);
  });
});

describe("running commands", () => {
  it("prints what the command prints, and exits as it exits", async () => {
    const result = await shell("echo hello > /workspace/a; uname -a; exit 3");
    expect(result.code).toBe(3);
    expect(result.stdout).toMatch(/^Linux .+\n$/);
    expect(result.stderr).toBe("");
  });

  it("keeps stdout and stderr apart", async () => {
    const result = await shell("echo out; echo err >&2");
    expect(result).toMatchObject({ code: 0, stdout: "out\n", stderr: "err\n" });
  });

  it("passes stdin on, byte for byte", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
    const result = await stack.cli(["compute", "exec", id, "--", "cat"], bytes);
    expect(result.code).toBe(0);
    expect(result.stdoutBytes.equals(bytes)).toBe(true);
  });

  it.each([
    ["TERM", 143],
    ["KILL", 137],
  ])("a command that ends by SIG%s is %i", async (signal, code) => {
    expect((await shell(`kill -${signal} $$`)).code).toBe(code);
  });
});

describe("stopping and starting", () => {
  beforeAll(async () => {
    await shell("echo gone > /root/b; echo gone > /etc/c");
    expect(await act("stop")).toContain("stopped");
  });

  it("says at the URL that it is stopped, as a page to a browser and as JSON to a program", async () => {
    const page = await stack.visit(subdomain, AS_BROWSER);
    expect([page.status, page.headers["content-type"]]).toEqual([502, "text/html; charset=utf-8"]);
    expect(page.text).toContain("<h1>Stopped</h1>");
    expect(page.text).toContain("gentity compute start");
    const program = await stack.visit(subdomain);
    expect(program.status).toBe(502);
    expect(program.body.error).toContain("Stopped");
  });

  it("runs no command, and says how to go on", async () => {
    const refused = await shell("true");
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain("gentity compute start");
  });

  it("has its volume after a start, and a fresh root disk", async () => {
    expect(await act("start")).toContain("running");
    expect((await shell("cat /workspace/a")).stdout).toBe("hello\n");
    expect((await shell("ls /root/b /etc/c 2>/dev/null")).stdout).toBe("");
    expect((await stack.visit(subdomain)).status).toBe(200);
  });
});

describe("suspending and resuming", () => {
  const COUNTER = 'i=0; while :; do i=$((i+1)); echo "$(date +%s%3N) $i" >>/root/counter; sleep 0.05; done';
  const counted = async () =>
    (await shell("cat /root/counter")).stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ").map(Number))
      .map(([at = 0, count = 0]) => ({ at, count }));

  it("keeps a counter in memory exactly where it was, and it goes on from there", async () => {
    const started = await stack.run(["compute", "exec", id, "--detach", "--", "sh", "-c", COUNTER]);
    expect(started).toMatch(/^\w+\n$/);
    await until("the counter to count", async () => (await counted()).length > 3);

    expect(await act("suspend")).toContain("suspended");
    const page = await stack.visit(subdomain, AS_BROWSER);
    expect(page.status).toBe(503);
    expect(page.text).toContain("gentity compute resume");
    expect(await act("resume")).toContain("running");

    const { body } = await stack.api("GET", `/api/instances/${id}/periods`);
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
    await act("suspend");
    expect((await shell("echo awake")).stdout).toBe("awake\n");
    expect(await stack.run(["compute", "get", id])).toContain("running");
  });

  it("lesson 7: the 50th suspend has every file as it was, on the volume and on the root disk", async () => {
    const hashes = "find /workspace/many /root/many -type f | sort | xargs sha256sum";
    const write = (name: string) =>
      `for d in /workspace/many /root/many; do mkdir -p $d; head -c 16384 /dev/urandom >$d/${name}; done`;
    const action = async (name: string, status: string) => {
      const { body } = await stack.api("POST", `/api/instances/${id}/action`, { action: name });
      expect(body).toEqual({ ok: true, status });
    };
    for (let turn = 1; turn <= 50; turn++) {
      const before = await stack.exec(id, `${write(`file-${turn}`)}; ${hashes}`);
      await action("suspend", "suspended");
      await action("resume", "running");
      expect(await stack.exec(id, hashes)).toBe(before);
    }
    expect((await stack.exec(id, hashes)).trim().split("\n")).toHaveLength(100);
  });
});

describe("a shell", () => {
  it("is a real terminal: keys, size, resizing, and the exit code", async () => {
    const pty = spawn(process.execPath, [MAIN, "compute", "ssh", id], {
      cols: 91,
      rows: 31,
      env: environment(stack.home, { ...stack.cliEnv(), TERM: "xterm-256color" }),
    });
    let screen = "";
    pty.onData((data) => {
      screen += data;
    });
    const exited = new Promise<{ exitCode: number }>((done) => pty.onExit(done));
    // What is typed is echoed, so that only what the shell made of it may match.
    const shows = (what: RegExp) =>
      until(
        () => `${what} in ${JSON.stringify(screen)}`,
        () => what.test(screen),
      );
    try {
      await shows(/[$#] $/);
      pty.write("echo n$((40+2)); stty size\r");
      await shows(/n42\r+\n31 91\r+\n/);
      pty.resize(120, 40);
      await until("the new size", async () => {
        pty.write("stty size\r");
        return /40 120\r+\n/.test(screen);
      });
      pty.write("tty; sleep 1000\r");
      await shows(/\/dev\/pts\/\d+\r+\n/);
      pty.write("\x03");
      await shows(/\^C/);
      pty.write("exit 17\r");
      expect((await exited).exitCode).toBe(17);
    } finally {
      pty.kill();
    }
  });
});

describe("logs and the end", () => {
  it("are followed until the instance is deleted, and then nothing is left of it anywhere", async () => {
    const following = stack.startCli(["compute", "logs", id, "--follow"]);
    await until("the log so far", () => following.output().includes("listening on port"));
    await act("restart");
    const starts = () => following.output().split("listening on port").length - 1;
    await until("the log to go on", () => starts() > 2);
    expect(await stack.run(["compute", "logs", id, "--lines", "1"])).toMatch(/^\S+ .*\n$/);

    const { machines, volumes } = await stack.holdings(id);
    expect([machines.length, volumes.length]).toEqual([1, 1]);
    const cloud = join(stack.state, "cloud");
    expect(existsSync(join(cloud, "machines", String(machines[0])))).toBe(true);
    expect(existsSync(join(cloud, "volumes", String(volumes[0])))).toBe(true);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${machines[0]}`)).not.toEqual([]);

    const before = stack.family().length;
    await stack.run(["compute", "delete", id, "--yes"]);
    expect(await following.ended).toEqual({ code: 0, signal: null });

    expect(await stack.holdings(id)).toEqual(NOTHING);
    expect((await stack.vendor("GET", `/v1/apps/gentity-${id}/ip_assignments`)).status).toBe(404);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${machines[0]}`)).toEqual([]);
    expect(stack.family().length).toBeLessThan(before);
    await until("the machine's folder to go", () => readdirSync(join(cloud, "machines")).length === 0);
    await until("the volume's folder to go", () => readdirSync(join(cloud, "volumes")).length === 0);
  });

  it("answer at its URL as at a name that never existed", async () => {
    for (const headers of [{}, AS_BROWSER]) {
      const deleted = await stack.visit(subdomain, headers);
      const never = await stack.visit(NEVER_EXISTED, headers);
      expect([deleted.status, deleted.text]).toEqual([404, never.text]);
      expect(never.status).toBe(404);
    }
  });

  it("say so to the command line, and let it be deleted again", async () => {
    expect((await stack.cli(["compute", "get", id])).code).toBe(4);
    expect((await stack.cli(["compute", "delete", id, "--yes"])).code).toBe(0);
    expect(await stack.run(["compute", "list", "--quiet"])).toBe("");
  });
});
