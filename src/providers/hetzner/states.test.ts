import { describe, expect, it } from "vitest";
import type { HostReport } from "../host-link.ts";
import { type HetznerAction, serverSchema } from "./schema.ts";
import { askedToEndAt, observeServer, serverState, switchedOffAt, switchedOnAt } from "./states.ts";

const NOW = Date.parse("2026-11-01T12:00:00Z");
const server = (status: string) => serverSchema.parse({ id: 1, name: "gentity-cmp1", status });
const report = (more: Partial<HostReport> = {}): HostReport => ({
  enrolled: true,
  connected: true,
  agent: { state: "running", since: NOW - 5_000 },
  seenAt: NOW - 1_000,
  ...more,
});
const running = (more: Partial<HostReport> = {}, switchedOn?: number) =>
  observeServer(server("running"), { report: report(more), switchedOnAt: switchedOn, now: NOW });

describe("a server's state", () => {
  it.each([
    ["running", "started"],
    ["initializing", "starting"],
    ["starting", "starting"],
    ["rebuilding", "starting"],
    ["migrating", "starting"],
    ["stopping", "stopping"],
    ["deleting", "stopping"],
    ["off", "stopped"],
    ["unknown", "unknown"],
    ["exploding", "unknown"],
    ["", "unknown"],
  ])("%s is %s", (status, state) => {
    expect(serverState(status)).toBe(state);
  });

  it("that nobody knows is an alarm (lesson 5)", () => {
    const seen = observeServer(server("exploding"), { report: report(), now: NOW });
    expect(seen).toMatchObject({ machine: "unknown", note: expect.stringContaining("exploding") });
  });

  it("is the vendor's when the server is not up, whatever the host said last", () => {
    expect(observeServer(server("off"), { report: report(), now: NOW }).machine).toBe("stopped");
  });
});

describe("a running server", () => {
  it("is started once its agent runs, since when the host says", () => {
    expect(running()).toEqual({ machine: "started", vendorState: "running", since: NOW - 5_000 });
  });

  it.each([
    ["it has not enrolled", { enrolled: false, connected: false, agent: null, seenAt: null }],
    ["nothing is heard", { connected: false, agent: null, seenAt: null }],
    ["the agent is not known", { agent: null }],
    ["the agent is being prepared", { agent: { state: "preparing" as const, since: NOW, note: "pulling" } }],
  ])("is starting while %s", (_what, more) => {
    expect(running(more)).toMatchObject({ machine: "starting" });
  });

  it("is starting when all that is known is from before it was switched on", () => {
    expect(running({ seenAt: NOW - 60_000 }, NOW - 30_000).machine).toBe("starting");
    expect(running({ seenAt: NOW - 10_000 }, NOW - 30_000).machine).toBe("started");
  });

  it("has failed once its agent ended, and says with what code", () => {
    const agent = { state: "exited" as const, since: NOW, exitCode: 3, note: "five times in a row" };
    const seen = running({ agent });
    expect(seen.machine).toBe("failed");
    expect(seen.note).toBe("The agent ended by itself with exit code 3. five times in a row");
  });

  it("is on its way down once the agent was put away", () => {
    expect(running({ agent: { state: "stopped", since: NOW } }).machine).toBe("stopping");
  });

  it("survives a short silence of its host, and is an alarm after a long one", () => {
    const away = { connected: false, seenAt: NOW - 4 * 60_000 };
    expect(running(away).machine).toBe("started");
    const lost = running({ connected: false, seenAt: NOW - 6 * 60_000 });
    expect(lost).toMatchObject({ machine: "unknown", note: expect.stringContaining("6 minutes") });
  });
});

describe("the vendor's list of actions", () => {
  const action = (id: number, command: string, more: Partial<HetznerAction> = {}): HetznerAction => ({
    id,
    command,
    status: "success",
    started: `2026-11-01T10:00:0${id}Z`,
    finished: `2026-11-01T10:00:1${id}Z`,
    error: null,
    ...more,
  });
  const at = (time: string) => Date.parse(`2026-11-01T${time}Z`);

  it("tells when it was switched on last", () => {
    const actions = [action(3, "attach_volume"), action(1, "create_server"), action(2, "start_server")];
    expect(switchedOnAt(actions)).toBe(at("10:00:02"));
    expect(switchedOnAt([action(3, "attach_volume")])).toBeUndefined();
  });

  it("tells when it went off, unless it went on since", () => {
    const down = [action(1, "create_server"), action(2, "shutdown_server"), action(3, "stop_server")];
    expect(switchedOffAt(down)).toBe(at("10:00:13"));
    expect(switchedOffAt([...down, action(4, "start_server")])).toBeUndefined();
    expect(switchedOffAt([action(2, "stop_server", { finished: null })])).toBe(at("10:00:02"));
    expect(switchedOffAt([])).toBeUndefined();
  });

  it("tells since when its system has been asked to end", () => {
    expect(askedToEndAt([action(1, "create_server"), action(2, "shutdown_server")])).toBe(at("10:00:02"));
    const refused = [action(1, "create_server"), action(2, "shutdown_server", { status: "error" })];
    expect(askedToEndAt(refused)).toBeUndefined();
    expect(askedToEndAt([action(2, "shutdown_server"), action(3, "start_server")])).toBeUndefined();
  });
});
