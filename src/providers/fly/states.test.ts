import { describe, expect, it } from "vitest";
import type { FlyExit, FlyMachine } from "./schema.ts";
import { isVolumeGone, machineState, observe, ownExit } from "./states.ts";

const machine = (state: string, more: Partial<FlyMachine> = {}): FlyMachine => ({
  id: "1",
  name: "m",
  state,
  ...more,
});

describe("a machine's state", () => {
  it.each([
    ["created", "starting"],
    ["creating", "starting"],
    ["starting", "starting"],
    ["started", "started"],
    ["restarting", "starting"],
    ["updating", "starting"],
    ["replacing", "starting"],
    ["stopping", "stopping"],
    ["stopped", "stopped"],
    ["suspending", "suspending"],
    ["suspended", "suspended"],
    ["failed", "failed"],
    ["launch_failed", "failed"],
    ["destroying", "stopping"],
    ["destroyed", "absent"],
    ["replaced", "unknown"],
    ["migrated", "unknown"],
  ])("%s is %s", (vendor, ours) => {
    expect(machineState(vendor)).toBe(ours);
  });

  it("is an alarm when Fly says something new (lesson 5)", () => {
    expect(observe(machine("hibernated"))).toEqual({
      machine: "unknown",
      vendorState: "hibernated",
      note: 'Fly reports the state "hibernated", which means nothing to us.',
    });
  });

  it("is not believed while the host does not answer, unless it needs no host", () => {
    expect(machineState("started", "unreachable")).toBe("unknown");
    expect(machineState("stopped", "unreachable")).toBe("stopped");
    expect(machineState("started", "ok")).toBe("started");
  });
});

describe("since when", () => {
  it("is the event that led to the state, whatever the order of events", () => {
    const events = [
      { type: "launch", status: "created", timestamp: 1_000 },
      { type: "start", status: "started", timestamp: 3_000 },
      { type: "start", status: "starting", timestamp: 2_000 },
    ];
    expect(observe(machine("started", { events, updated_at: "1970-01-01T00:01:00Z" })).since).toBe(3_000);
  });

  it("is when the process ended, which is before the vendor wrote it down", () => {
    const exit_event: FlyExit = { exit_code: 0, requested_stop: true, exited_at: "1970-01-01T00:00:05Z" };
    const events = [{ type: "exit", status: "stopped", timestamp: 6_000, request: { exit_event } }];
    expect(observe(machine("stopped", { events })).since).toBe(5_000);
    exit_event.exited_at = 4_000;
    expect(observe(machine("stopped", { events })).since).toBe(4_000);
  });

  it("falls back to the last update, and to nothing", () => {
    expect(observe(machine("stopped", { updated_at: "1970-01-01T00:00:09Z" })).since).toBe(9_000);
    expect(observe(machine("stopped", { updated_at: "yesterday" })).since).toBeUndefined();
  });
});

describe("why it ended", () => {
  const exited = (exit_event: Record<string, unknown>) =>
    machine("stopped", {
      events: [{ type: "exit", status: "stopped", timestamp: 1, request: { exit_event } }],
    });

  it("tells the exit code of an agent that ended by itself", () => {
    expect(ownExit(exited({ exit_code: 3 }))).toMatchObject({ exit_code: 3 });
    expect(observe(exited({ exit_code: 3 })).note).toBe("It ended by itself with exit code 3.");
  });

  it("tells when memory ran out", () => {
    expect(observe(exited({ exit_code: 137, oom_killed: true })).note).toBe("It ran out of memory.");
  });

  it("is not the agent's doing when we stopped it or Fly starts it again", () => {
    expect(ownExit(exited({ exit_code: 0, requested_stop: true }))).toBeUndefined();
    expect(ownExit(exited({ exit_code: 1, restarting: true }))).toBeUndefined();
  });

  it("is not an exit of long ago that was followed by a start", () => {
    const old = exited({ exit_code: 1 });
    const events = [...(old.events ?? []), { type: "start", status: "starting", timestamp: 2 }];
    expect(ownExit({ ...old, events })).toBeUndefined();
  });
});

it("counts a volume on its way out as gone", () => {
  expect(["pending_destroy", "scheduling_destroy", "waiting_for_detach"].every(isVolumeGone)).toBe(true);
  expect(["created", "creating", "hydrating"].some(isVolumeGone)).toBe(false);
});
