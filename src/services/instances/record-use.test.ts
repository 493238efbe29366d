import { describe, expect, it } from "vitest";
import type { Command, CommandResult, Exec, ExecEvent, ExecFailure } from "../../provisioning/exec/run.ts";
import { auditedExec } from "./record-use.ts";

const RESULT: CommandResult = {
  exitCode: 0,
  signal: null,
  durationMs: 7.4,
  timedOut: false,
  substrate: "fly-machine",
  stdout: "out",
  stderr: "",
  truncated: false,
};

/** An exec that answers as it is told, and what was written down of it. */
function scene(failure?: ExecFailure) {
  const recorded: Record<string, unknown>[] = [];
  const answer = failure ?? { type: "ok" as const, value: RESULT };
  async function* events(): AsyncGenerator<ExecEvent> {
    yield { type: "stdout", data: new Uint8Array([1]) };
    yield failure ? { type: "failed", outcome: failure } : { type: "exit", result: RESULT };
  }
  const plain: Exec = {
    runToEnd: async () => answer,
    stream: () => ({ execId: "abcdefgh", events: events() }),
    startDetached: async () => failure ?? { type: "ok", value: { execId: "abcdefgh" } },
    poll: async () => failure ?? ({ type: "unknown", cause: "not asked" } as const),
    cancel: async () => answer,
  };
  return { exec: auditedExec(plain, (detail) => recorded.push(detail)), recorded };
}

const shown = async (argv: string[]) => {
  const { exec, recorded } = scene();
  await exec.runToEnd({ argv });
  return recorded[0]?.command;
};
const COMMAND: Command = {
  argv: ["echo", "hi"],
  env: { KEY: "secret" },
  stdin: new TextEncoder().encode("secret"),
};

describe("a command as it is written down", () => {
  it.each<[string, string[], string]>([
    ["words", ["ls", "-la", "/tmp"], "ls -la /tmp"],
    ["words that need quotes", ["echo", "a b", "it's", "", "$HOME"], `echo 'a b' 'it'\\''s' '' '$HOME'`],
    ["a string that went to the shell", ["sh", "-c", "echo a | wc"], "echo a | wc"],
    ["a shell with arguments", ["sh", "-c", "echo $1", "x", "y"], "sh -c 'echo $1' x y"],
    ["its first 200 characters", ["sh", "-c", "x".repeat(300)], "x".repeat(200)],
    ["characters, not halves of them", ["sh", "-c", "🦀".repeat(300)], "🦀".repeat(200)],
  ])("%s", async (_, argv, text) => {
    expect(await shown(argv)).toBe(text);
  });
});

describe("what is written down", () => {
  it("of a command that ended: how, and never its input, environment or output", async () => {
    const { exec, recorded } = scene();
    await exec.runToEnd(COMMAND);
    expect(recorded).toEqual([{ command: "echo hi", exitCode: 0, signal: null, durationMs: 7 }]);
  });

  it("of a stream: once, when it is over", async () => {
    const { exec, recorded } = scene();
    const { events } = exec.stream(COMMAND);
    const seen: string[] = [];
    for await (const event of events) {
      seen.push(event.type);
    }
    expect(seen).toEqual(["stdout", "exit"]);
    expect(recorded).toEqual([
      { command: "echo hi", execId: "abcdefgh", exitCode: 0, signal: null, durationMs: 7 },
    ]);
  });

  it("of one that was detached, and of one that was cancelled", async () => {
    const { exec, recorded } = scene();
    await exec.startDetached(COMMAND);
    await exec.cancel("abcdefgh");
    expect(recorded).toEqual([
      { command: "echo hi", detached: true, execId: "abcdefgh" },
      { execId: "abcdefgh", cancelled: true, exitCode: 0, signal: null, durationMs: 7 },
    ]);
  });

  it("of one that was lost sight of: that it may have run", async () => {
    const { exec, recorded } = scene({ type: "unknown", cause: "timeout" });
    await exec.runToEnd(COMMAND);
    for await (const _ of exec.stream(COMMAND).events) {
      // To its end.
    }
    await exec.startDetached(COMMAND);
    await exec.cancel("abcdefgh");
    expect(recorded.map(({ failure }) => failure)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
  });
});
