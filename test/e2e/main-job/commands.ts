import { spawn } from "@lydell/node-pty";
import { describe, expect, it } from "vitest";
import { environment, MAIN } from "../../../src/cli/testing/run-cli.ts";
import { until } from "../stack.ts";
import type { Walk } from "./walk.ts";

export function runningCommands(walk: Walk): void {
  describe("running commands", () => {
    it("prints what the command prints, and exits as it exits", async () => {
      const result = await walk.shell("echo hello > /workspace/a; uname -a; exit 3");
      expect(result.code).toBe(3);
      expect(result.stdout).toMatch(/^Linux .+\n$/);
      expect(result.stderr).toBe("");
    });

    it("keeps stdout and stderr apart", async () => {
      const result = await walk.shell("echo out; echo err >&2");
      expect(result).toMatchObject({ code: 0, stdout: "out\n", stderr: "err\n" });
    });

    it("passes stdin on, byte for byte", async () => {
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
      const result = await walk.stack.cli(["compute", "exec", walk.id, "--", "cat"], bytes);
      expect(result.code).toBe(0);
      expect(result.stdoutBytes.equals(bytes)).toBe(true);
    });

    it.each([
      ["TERM", 143],
      ["KILL", 137],
    ])("a command that ends by SIG%s is %i", async (signal, code) => {
      expect((await walk.shell(`kill -${signal} $$`)).code).toBe(code);
    });

    it("shows output while the command still runs", async () => {
      const script = "echo before; until [ -e /tmp/go ]; do sleep 0.1; done; echo after";
      const running = walk.stack.startCli(["compute", "exec", walk.id, "--", "sh", "-c", script]);
      await until("the first line", () => running.output().includes("before\n"));
      await walk.shell("touch /tmp/go");
      expect(await running.ended).toEqual({ code: 0, signal: null });
      expect(running.output()).toBe("before\nafter\n");
    });

    it("leaves a detached command running, which is asked about until it has ended", async () => {
      const script = "echo begun; until [ -e /tmp/end ]; do sleep 0.1; done; echo failed >&2; exit 6";
      const line = ["compute", "exec", walk.id, "--detach", "--", "sh", "-c", script];
      const execId = (await walk.stack.run(line)).trim();
      const poll = async () => (await walk.stack.api("GET", `/api/instances/${walk.id}/exec/${execId}`)).body;
      const begun = await until("its output", async () => {
        const answer = await poll();
        return answer.stdout !== "" && answer;
      });
      expect(begun).toMatchObject({ status: "running", exitCode: null, stdout: "begun\n", stderr: "" });
      await walk.shell("touch /tmp/end");
      const attached = await walk.stack.cli(["compute", "exec", walk.id, "--attach", execId]);
      expect(attached).toMatchObject({ code: 6, stdout: "begun\n", stderr: "failed\n" });
      expect(await poll()).toMatchObject({ status: "exited", exitCode: 6, signal: null });
    });
  });
}

export function aShell(walk: Walk): void {
  describe("a shell", () => {
    it("is a real terminal: keys, size, resizing, and the exit code", async () => {
      const { stack, id } = walk;
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
}
