import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "./base64.ts";
import {
  findCommandProblem,
  isPut,
  parseSnapshot,
  pollRequest,
  putRequests,
  STDIN_PART_BYTES,
  startRequest,
} from "./script.ts";
import { signalOf } from "./signals.ts";
import { RUNNER, WRAPPER } from "./wrapper.ts";

const glance = { until: "exit", holdSeconds: 15, offsets: { stdout: 3, stderr: 4 }, limit: 100 } as const;

describe("a start", () => {
  it("hands everything over as parameters, quoting nothing", () => {
    const command = {
      argv: ["printf", "%s", 'it\'s "$x"\n'],
      cwd: "/w d",
      env: { A: "b c", B: "" },
      stdin: new TextEncoder().encode("in"),
      timeoutSeconds: 1.2,
    };
    expect(startRequest("id1", command, glance, 2.1)).toEqual({
      command: [
        ...["/bin/sh", "-c", WRAPPER, "gentity-exec", "start", "id1", RUNNER],
        ...["exit", "15", "3", "4", "100", "3", "2", "/w d", "inline:aW4=", "2", "A=b c", "B="],
        ...command.argv,
      ],
      timeoutSeconds: 25,
    });
  });

  it("never lets a vendor wait longer than it can", () => {
    expect(pollRequest("id1", glance).timeoutSeconds).toBeLessThanOrEqual(30);
  });

  it("sends big input ahead, in parts that fit into an argument", () => {
    const stdin = new Uint8Array(STDIN_PART_BYTES * 2 + 1).fill(7);
    const parts = putRequests("id1", stdin);
    expect(parts.map(({ command }) => command[7])).toEqual(["0", "1", "2"]);
    for (const { command } of parts) expect(command[8]?.length).toBeLessThan(128 * 1024);
    expect(startRequest("id1", { argv: ["cat"], stdin }, glance, 0).command).toContain("parts:3");
    expect(putRequests("id1", new Uint8Array(STDIN_PART_BYTES))).toEqual([]);
  });
});

describe("a command that cannot be run", () => {
  it.each([
    [{ argv: [] }, /no command/],
    [{ argv: [""] }, /no command/],
    [{ argv: ["x"], env: { "a-b": "1" } }, /"a-b"/],
    [{ argv: ["x", "\0"] }, /NUL/],
    [{ argv: ["x"], cwd: "/\0" }, /NUL/],
  ])("%j", (command, problem) => {
    expect(findCommandProblem(command)).toMatch(problem);
  });

  it("is not one with odd but possible words", () => {
    expect(findCommandProblem({ argv: ["-x", "", "a=b"], env: { _A1: "" } })).toBeUndefined();
  });
});

describe("an answer", () => {
  const whole = "gentity-exec/1 exited 3 0 100.25 101.50 3 2\nb3V0\n.\nZXI=\n.\nend\n";

  it("tells outputs, exit and how long it took by the machine's clock", () => {
    expect(parseSnapshot(whole)).toEqual({
      state: "exited",
      stdout: new TextEncoder().encode("out"),
      stderr: new TextEncoder().encode("er"),
      sizes: { stdout: 3, stderr: 2 },
      exit: { code: 3, timedOut: false, durationMs: 1250 },
    });
  });

  it("does without a clock", () => {
    expect(parseSnapshot("gentity-exec/1 exited 0 1 - - 0 0\n.\n.\nend\n")).toMatchObject({
      exit: { code: 0, timedOut: true },
    });
  });

  it("is none when a single character is missing", () => {
    for (let length = 0; length < whole.length - 1; length++) {
      expect(parseSnapshot(whole.slice(0, length)), String(length)).toBeUndefined();
    }
  });

  it.each(["gone", "rebooted", "nowhere"])("may be that it is %s", (state) => {
    expect(parseSnapshot(`gentity-exec/1 ${state}\n`)).toEqual({ state });
  });

  it("is not somebody else's output", () => {
    expect(parseSnapshot("hello\n")).toBeUndefined();
    expect(isPut("hello\n")).toBe(false);
  });
});

it("carries any bytes through base64, line breaks or not", () => {
  const bytes = new Uint8Array(100_000).map((_, index) => index * 31);
  const text = toBase64(bytes).replace(/.{76}/g, "$&\n");
  expect(fromBase64(text)).toEqual(bytes);
});

it.each([
  [0, null],
  [1, null],
  [127, null],
  [128, null],
  [130, "SIGINT"],
  [137, "SIGKILL"],
  [139, "SIGSEGV"],
  [143, "SIGTERM"],
  [255, null],
])("exit code %i is the signal %s", (code, signal) => {
  expect(signalOf(code)).toBe(signal);
});
