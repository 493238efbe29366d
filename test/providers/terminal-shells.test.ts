import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { openTerminal } from "../../src/provisioning/terminal/terminal.ts";
import { watch } from "./screen.ts";
import { execIn, installShells, type Shell } from "./shells.ts";

// busybox has a `script` of its own that answers otherwise; what counts is the shell around util-linux's.
const { shells, remove } = installShells();
afterAll(remove);

const encode = (text: string) => new TextEncoder().encode(text);

function open(shell: Shell, more: Partial<Parameters<typeof openTerminal>[0]> = {}) {
  const machine = execIn(shell);
  const terminal = openTerminal({
    exec: machine.exec,
    cols: 90,
    rows: 20,
    shell: { argv: [shell.sh], env: { PS1: "$ " } },
    ...more,
  });
  return { machine, terminal, screen: watch(terminal) };
}

describe.each(shells.filter(({ name }) => name !== "busybox"))("a terminal over $name", (shell) => {
  it("echoes, runs, resizes and ends with the shell's exit code", async () => {
    const { terminal, screen } = open(shell);
    terminal.write(encode("stty size; echo $((40 + 2))é\n"));
    await screen.until("42é");
    expect(screen.text()).toContain("20 90");
    terminal.resize(101, 33);
    terminal.write(encode("stty size\n"));
    await screen.until("33 101");
    terminal.write(encode("exit 7\n"));
    expect(await terminal.exit).toEqual({ exitCode: 7, signal: null });
    await screen.over;
  });

  it("interrupts what runs", async () => {
    const { terminal, screen } = open(shell);
    terminal.write(encode("echo be''gun; sleep 60\n"));
    await screen.until("begun");
    terminal.write(encode("\x03"));
    terminal.write(encode("echo st''ill\n"));
    await screen.until("still");
    await terminal.close();
    expect(await terminal.exit).toMatchObject({ exitCode: expect.any(Number) });
  });

  it("types every key once and in order, whatever answers are lost", async () => {
    let count = 0;
    const { machine, terminal, screen } = open(shell);
    await terminal.close();
    const flaky = openTerminal({
      exec: async (request) => {
        const outcome = await machine.exec(request);
        count += 1;
        return count % 3 === 0 ? { type: "unknown", cause: "lost" } : outcome;
      },
      cols: 80,
      rows: 24,
      shell: { argv: [shell.sh], env: { PS1: "$ " } },
      sleep: async () => {},
    });
    const seen = watch(flaky);
    for (const key of "echo 0123456789 | tr 0-9 a-j\n") flaky.write(encode(key));
    await seen.until("abcdefghij");
    expect(screen.text()).not.toContain("abcdefghij");
    await flaky.close();
  });

  it("survives its connection", async () => {
    const first = open(shell);
    first.terminal.write(encode("X=kept; echo fi''rst\n"));
    await first.screen.until("first");
    first.terminal.detach();
    const second = open(shell, { sessionId: first.terminal.sessionId, offset: first.terminal.offset });
    second.terminal.write(encode("echo $X again\n"));
    await second.screen.until("kept again");
    expect(second.screen.text()).not.toContain("first");
    await second.terminal.close();
  });

  it("leaves nothing behind when it is closed before it was open", async () => {
    const { terminal, screen } = open(shell);
    await terminal.close();
    await screen.over;
    // The call that was waiting for output notices a moment later.
    while (spawnSync("pgrep", ["-f", terminal.sessionId]).status === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  it("brings a lot of output through, whole", async () => {
    const { terminal, screen } = open(shell);
    terminal.write(encode("seq 1 60000; echo the''end\n"));
    await screen.until("theend");
    const numbers = screen.text().match(/^\d+\r$/gm) ?? [];
    expect([numbers.length, numbers.at(-1)]).toEqual([60000, "60000\r"]);
    await terminal.close();
  });

  it("says why it cannot be opened", async () => {
    const { terminal } = open(shell, {
      exec: async () => ({ type: "rejected", code: "not_running", message: "off" }),
    });
    expect(await terminal.exit).toMatchObject({ exitCode: null, failure: { code: "not_running" } });
    expect(await open(shell, { sessionId: "../x" }).terminal.exit).toMatchObject({
      failure: { code: "missing" },
    });
  });
});
