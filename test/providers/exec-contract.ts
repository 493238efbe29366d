/** Commands over a vendor's real API, as the local cloud plays it. That every shell can do it is `exec-shells.test.ts`. */
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ExecRequest, Target } from "../../src/providers/provider.ts";
import { type Exec, type ExecEvent, runExec } from "../../src/provisioning/exec/run.ts";
import { driveAll, type Subject, UP } from "./drive.ts";

export interface ExecSubject extends Subject {
  /** Breaks the call that starts something in a machine. */
  orderExec(rule: object, count: number): Promise<unknown>;
  /** The vendor's form of a refusal. */
  refusal(status: number, message: string): object;
}

export function describeExec(get: () => ExecSubject): void {
  let target: Target;
  let exec: Exec;
  let calls: ExecRequest[] = [];
  const make = (subject: ExecSubject) => subject.newTarget({ exposure: "private" });

  beforeAll(async () => {
    const subject = get();
    target = make(subject);
    await driveAll(subject, UP, target);
    exec = runExec({
      exec: (request) => {
        calls.push(request);
        return subject.provider.exec(target, request);
      },
      substrate: subject.provider.substrate,
    });
  });
  afterEach(() => {
    calls = [];
  });

  const order = (kind: string, more: object = {}, count = 1) => get().orderExec({ kind, ...more }, count);
  const sh = (script: string) => ["sh", "-c", script];

  async function run(script: string) {
    const outcome = await exec.runToEnd({ argv: sh(script) });
    if (outcome.type !== "ok") throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }

  async function eventsOf(events: AsyncIterable<ExecEvent>): Promise<ExecEvent[]> {
    const seen: ExecEvent[] = [];
    for await (const event of events) seen.push(event);
    return seen;
  }

  describe("a command in a machine", () => {
    it("costs one call of the vendor, with both outputs and the exit code", async () => {
      expect(await run("echo out; echo err >&2; exit 42")).toMatchObject({
        exitCode: 42,
        signal: null,
        stdout: "out\n",
        stderr: "err\n",
        timedOut: false,
        truncated: false,
        substrate: get().provider.substrate,
      });
      expect(calls.length).toBe(1);
    });

    it("tells the signal it died of", async () => {
      expect(await run("kill -KILL $$")).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
    });

    it("takes binary input of a megabyte and gives it back", async () => {
      const bytes = new Uint8Array(1_000_000).map((_, index) => (index * 2_654_435_761) >>> 13);
      const seen = await eventsOf(exec.stream({ argv: ["cat"], stdin: bytes }).events);
      const out = seen.flatMap((event) => (event.type === "stdout" ? [event.data] : []));
      expect(Buffer.concat(out).equals(Buffer.from(bytes))).toBe(true);
      expect(seen.at(-1)).toMatchObject({ type: "exit", result: { exitCode: 0 } });
    });

    it("may run longer than a call may wait (lesson 14)", async () => {
      const result = await run("sleep 17; echo late");
      expect(result).toMatchObject({ exitCode: 0, stdout: "late\n" });
      expect(calls.length).toBe(2);
    });

    it("is ended with all it started when its time is up", async () => {
      const outcome = await exec.runToEnd({ argv: sh("sleep 4711 & sleep 4711"), timeoutSeconds: 1 });
      expect(outcome).toMatchObject({ value: { timedOut: true, signal: "SIGTERM" } });
      expect((await run("ps -eo args | grep -cx 'sleep 4711'; true")).stdout).toBe("0\n");
    });

    it("does not mix with others that run at the same time", async () => {
      const results = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) => run(`sleep 0.${n}; echo ${n}; exit ${n}`)),
      );
      expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n, `${n}\n`]),
      );
    });

    it("outlives a suspended machine", async ({ skip }) => {
      skip(!get().traits.suspends, "this vendor suspends nothing");
      const started = await exec.startDetached({ argv: sh("sleep 1; echo woke") });
      if (started.type !== "ok") throw new Error(JSON.stringify(started));
      await driveAll(get(), ["suspend", "start", "boot"], target);
      let polled = await exec.poll(started.value.execId, { stdout: 0, stderr: 0 }, { holdSeconds: 15 });
      while (polled.type === "ok" && polled.value.exit === undefined && polled.value.stdout.length === 0) {
        polled = await exec.poll(started.value.execId, { stdout: 0, stderr: 0 }, { holdSeconds: 15 });
      }
      expect(polled.type === "ok" && new TextDecoder().decode(polled.value.stdout)).toBe("woke\n");
    });

    it("is cancelled", async () => {
      const { execId, events } = exec.stream({ argv: sh("echo up; sleep 600") });
      const seen: ExecEvent[] = [];
      for await (const event of events) {
        seen.push(event);
        if (event.type === "stdout") void exec.cancel(execId);
      }
      expect(seen.at(-1)).toMatchObject({ type: "exit", result: { exitCode: 143, signal: "SIGTERM" } });
    });

    it("has its secrets in no error", async () => {
      await order("error_before", {
        status: 400,
        body: get().refusal(400, "bad command sk-secret-1234 in env"),
      });
      const outcome = await exec.runToEnd({ argv: ["true"], env: { KEY: "sk-secret-1234" } });
      expect(outcome).toMatchObject({ type: "rejected" });
      expect(JSON.stringify(outcome)).not.toContain("sk-secret-1234");
    });
  });

  describe("a vendor that fails under a command", () => {
    it.each(["lost_answer", "error_after", "error_before"])("%s: it runs once", async (kind) => {
      await run("rm -f /tmp/count");
      await order(kind, {}, 2);
      expect(await run("echo x >>/tmp/count; cat /tmp/count")).toMatchObject({ exitCode: 0, stdout: "x\n" });
      expect((await run("wc -l </tmp/count")).stdout.trim()).toBe("1");
    });

    it("rate_limit: it runs once, a little later", async () => {
      await run("rm -f /tmp/count");
      await order("rate_limit", {}, 2);
      expect(await run("echo x >>/tmp/count; cat /tmp/count")).toMatchObject({ stdout: "x\n" });
    });

    it("408 over a command that takes long: it runs once (lesson 14)", async () => {
      await run("rm -f /tmp/count");
      await order("error_after", { status: 408, body: get().refusal(408, "deadline_exceeded") });
      expect(await run("echo x >>/tmp/count; cat /tmp/count")).toMatchObject({ stdout: "x\n" });
    });

    it("an answer cut short is asked for again", async () => {
      let cut = true;
      const short = runExec({
        exec: async (request) => {
          const outcome = await get().provider.exec(target, request);
          if (!cut || outcome.type !== "ok") return outcome;
          cut = false;
          return { ...outcome, value: { ...outcome.value, stdout: outcome.value.stdout.slice(0, -10) } };
        },
        substrate: get().provider.substrate,
      });
      const outcome = await short.runToEnd({ argv: sh("seq 1 50000") });
      expect(outcome.type === "ok" && outcome.value.stdout.split("\n").length).toBe(50_001);
    });

    it("a machine that restarted since the first try does not run it again", async () => {
      const other = make(get());
      await driveAll(get(), UP, other);
      let clock = 0;
      let isFirst = true;
      const late = runExec({
        exec: async (request) => {
          if (!isFirst) return get().provider.exec(other, request);
          isFirst = false;
          return { type: "unknown", cause: "lost" };
        },
        substrate: get().provider.substrate,
        // The first try was an hour ago by this clock: long before the machine's first process began.
        now: () => (clock += 30_000),
        sleep: async () => {
          clock += 3_600_000;
        },
      });
      const outcome = await late.runToEnd({ argv: ["touch", "/data/ran"] });
      expect(outcome.type).toBe("unknown");
      const ran = await get().provider.exec(other, { command: ["ls", "/data"], timeoutSeconds: 5 });
      expect(ran).toMatchObject({ value: { stdout: "" } });
    });
  });
}
