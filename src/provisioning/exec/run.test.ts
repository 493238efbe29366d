import { describe, expect, it } from "vitest";
import type { ExecRequest, ExecResult, Outcome } from "../../providers/provider.ts";
import { runExec } from "./run.ts";

const exited = (code: number, out = "") => {
  const data = out === "" ? "" : `${btoa(out)}\n`;
  return answer(`gentity-exec/1 exited ${code} 0 - - ${out.length} 0\n${data}.\n.\nend\n`);
};
const running = answer("gentity-exec/1 running - 0 - - 0 0\n.\n.\nend\n");
const lost: Outcome<ExecResult> = { type: "unknown", cause: "lost" };
const busy: Outcome<ExecResult> = { type: "retry", afterMs: 1_000, cause: "429" };
const off: Outcome<ExecResult> = { type: "rejected", code: "not_running", message: "off" };

function answer(stdout: string, exitCode = 0): Outcome<ExecResult> {
  return { type: "ok", value: { exitCode, stdout, stderr: "" } };
}

/** A vendor that answers in this order, the last for ever, and a clock that only sleeping moves. */
function vendor(...answers: Outcome<ExecResult>[]) {
  const calls: ExecRequest[] = [];
  let now = 0;
  const exec = runExec({
    exec: async (request) => {
      calls.push(request);
      return answers[Math.min(calls.length, answers.length) - 1] ?? lost;
    },
    substrate: "fly-machine",
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    newId: () => "abcdefgh",
  });
  return { exec, calls, ops: () => calls.map(({ command }) => command[4]), now: () => now };
}

describe("a command over a vendor", () => {
  it("is one call when it is short", async () => {
    const { exec, ops } = vendor(exited(3, "hi"));
    expect(await exec.runToEnd({ argv: ["x"] })).toMatchObject({ value: { exitCode: 3, stdout: "hi" } });
    expect(ops()).toEqual(["start"]);
  });

  it("is looked at, not started again, once it was seen", async () => {
    const { exec, ops } = vendor(running, lost, running, exited(0));
    await exec.runToEnd({ argv: ["x"] });
    expect(ops()).toEqual(["start", "poll", "poll", "poll"]);
  });

  it("is started by its id again after a lost answer, and says how long ago the first try was", async () => {
    const { exec, calls, ops } = vendor(lost, busy, exited(0));
    await exec.runToEnd({ argv: ["x"] });
    expect(ops()).toEqual(["start", "start", "start"]);
    expect(new Set(calls.map(({ command }) => command[5]))).toEqual(new Set(["abcdefgh"]));
    expect(calls.map(({ command }) => command[12])).toEqual(["0", "1", "2"]);
  });

  it("is refused when the machine is off, and in doubt when an earlier try may have run it", async () => {
    expect(await vendor(off).exec.runToEnd({ argv: ["x"] })).toMatchObject({ code: "not_running" });
    expect(await vendor(lost, off).exec.runToEnd({ argv: ["x"] })).toMatchObject({ type: "unknown" });
    expect(await vendor(running, off).exec.runToEnd({ argv: ["x"] })).toMatchObject({ code: "not_running" });
  });

  it("is given up before the machine forgets it", async () => {
    const { exec, now } = vendor(lost);
    expect(await exec.runToEnd({ argv: ["x"] })).toMatchObject({ type: "unknown" });
    expect(now()).toBeLessThan(5 * 60_000);
  });

  it("asks for less when answers are cut short", async () => {
    const { exec, calls } = vendor(answer("gentity-exec/1 exited 0 0 - - 9 0\nabc"), exited(0));
    await exec.runToEnd({ argv: ["x"] });
    const limits = calls.map(({ command }) => Number(command[11]));
    expect(limits[1]).toBeLessThan(limits[0] ?? 0);
  });

  it.each([
    ["missing", "gone after it was seen", [running, answer("gentity-exec/1 gone\n")]],
    ["unsupported", "a full disk", [answer("gentity-exec/1 gone\n")]],
    ["unsupported", "a read-only machine", [answer("gentity-exec/1 nowhere\n")]],
    ["unsupported", "a machine without a shell", [answer("", 127)]],
  ])("is %s: %s", async (code, _, answers) => {
    expect(await vendor(...answers).exec.runToEnd({ argv: ["x"] })).toMatchObject({ type: "rejected", code });
  });

  it("is in doubt after a reboot between two tries", async () => {
    const { exec } = vendor(lost, answer("gentity-exec/1 rebooted\n"));
    expect(await exec.runToEnd({ argv: ["x"] })).toMatchObject({ type: "unknown", cause: /may have run/ });
  });

  it("ends a stream with what went wrong", async () => {
    const { exec } = vendor(off);
    const events = [];
    for await (const event of exec.stream({ argv: ["x"] }).events) events.push(event);
    expect(events).toMatchObject([{ type: "failed", outcome: { code: "not_running" } }]);
  });

  it("keeps its distance after a rate limit, and closes up again", async () => {
    const { exec, now } = vendor(busy, busy, running, running, running, running, exited(0));
    await exec.runToEnd({ argv: ["x"] });
    expect(now()).toBeGreaterThan(2_000);
    expect(now()).toBeLessThan(10_000);
  });
});
