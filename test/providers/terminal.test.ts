import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Target } from "../../src/providers/provider.ts";
import { openTerminal, type TerminalOptions } from "../../src/provisioning/terminal/terminal.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { driveAll } from "./drive.ts";
import { watch } from "./screen.ts";

let cloud: TestCloud;
let target: Target;
beforeAll(async () => {
  cloud = await startTestCloud();
  target = cloud.newTarget({ exposure: "private" });
  await driveAll(cloud, ["place", "volume", "machine", "boot"], target);
});
afterEach(() => cloud.calm());
afterAll(() => cloud.close());

const encode = (text: string) => new TextEncoder().encode(text);

function open(more: Partial<TerminalOptions> = {}) {
  const terminal = openTerminal({
    exec: (request) => cloud.provider.exec(target, request),
    cols: 90,
    rows: 20,
    ...more,
  });
  return { terminal, screen: watch(terminal) };
}

describe("a terminal in a machine", () => {
  it("echoes, resizes and ends with the shell's exit code", async () => {
    const { terminal, screen } = open();
    terminal.write(encode("stty size; echo $((40 + 2))!\n"));
    await screen.until("42!");
    expect(screen.text()).toContain("20 90");
    terminal.resize(101, 33);
    terminal.write(encode("stty size\n"));
    await screen.until("33 101");
    terminal.write(encode("exit 7\n"));
    expect(await terminal.exit).toEqual({ exitCode: 7, signal: null });
    await screen.over;
  });

  it("interrupts what runs", async () => {
    const { terminal, screen } = open();
    terminal.write(encode("echo be''gun; sleep 600\n"));
    await screen.until("begun");
    terminal.write(encode("\x03"));
    terminal.write(encode("echo st''ill\n"));
    await screen.until("still");
    await terminal.close();
    expect(await terminal.exit).toMatchObject({ exitCode: expect.any(Number) });
  });

  it("survives its connection", async () => {
    const first = open();
    first.terminal.write(encode("X=kept; echo fi''rst\n"));
    await first.screen.until("first");
    first.terminal.detach();
    const second = open({ sessionId: first.terminal.sessionId, offset: first.terminal.offset });
    second.terminal.write(encode("echo $X again\n"));
    await second.screen.until("kept again");
    await second.terminal.close();
  });

  it("types every key once and in order while answers get lost and calls are refused", async () => {
    for (const [kind, count] of [
      ["lost_answer", 2],
      ["rate_limit", 2],
      ["error_after", 2],
    ] as const) {
      await cloud.api("POST", "/_control/faults", {
        kind,
        match: { method: "POST", path: "^.*/exec$", count },
      });
    }
    const { terminal, screen } = open({ holdSeconds: 1 });
    for (const key of "echo 0123456789 | tr 0-9 a-j\n") terminal.write(encode(key));
    await screen.until("abcdefghij");
    await terminal.close();
  });

  it("ends when the machine does, and says why", async () => {
    const { terminal, screen } = open();
    terminal.write(encode("echo he''re\n"));
    await screen.until("here");
    await driveAll(cloud, ["stop"], target);
    expect(await terminal.exit).toMatchObject({ exitCode: null, failure: { type: expect.any(String) } });
    await driveAll(cloud, ["start", "boot"], target);
  });
});
