import { describe, expect, it } from "vitest";
import { aCommand, env, stubOf } from "../harness.ts";
import { drive, letPass, ok, running } from "./driving.ts";

const OWNER = { actor: { type: "token" as const, id: "tok_test" }, accountId: "acc_test" };
const busy = (what?: string) => ok({ ...(what === undefined ? {} : { busy: what }) } as object);

const body = (over: object = {}) =>
  running(
    aCommand({
      exposure: "private",
      workspaceId: crypto.randomUUID(),
      service: {},
      idleTimeoutSeconds: 60,
      ...over,
    }),
  );

const events = async (id: string) =>
  (
    await env.DB.prepare("SELECT action, actor, detail FROM audit_events WHERE instance_id = ? ORDER BY seq")
      .bind(id)
      .all<{ action: string; actor: string; detail: string }>()
  ).results;

describe("lesson 2: idle is judged by work", () => {
  it("suspends by itself what nothing is at work in, and says why", async () => {
    const id = await body();
    await letPass(id, 59);
    expect(await drive(id)).toEqual([]);
    await letPass(id, 2);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
    expect(await stubOf(id).get()).toMatchObject({ state: "suspended", generation: 2, awake: null });
    await stubOf(id).settled(0);
    const last = (await events(id)).filter(({ action }) => action === "instance.suspend");
    expect(last).toMatchObject([{ actor: "system:idle" }]);
    expect(JSON.parse(last[0]?.detail ?? "")).toMatchObject({ reason: "nothing was at work for 60 s" });
    const { results } = await env.DB.prepare(
      "SELECT state, reason, actor FROM periods WHERE instance_id = ? AND state = 'suspending'",
    )
      .bind(id)
      .all();
    expect(results).toEqual([
      { state: "suspending", reason: "nothing was at work for 60 s", actor: "system:idle" },
    ]);
  });

  it("does not freeze a command that nobody is connected to any more", async () => {
    const id = await body();
    await letPass(id, 61);
    const found = "the command x is running";
    expect(await drive(id, { quiet: busy(found) })).toEqual(["quiet"]);
    expect(await stubOf(id).get()).toMatchObject({
      state: "running",
      generation: 1,
      awake: { reason: found, until: expect.any(Number) },
    });
    await letPass(id, 61);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
  });

  it("is kept awake by work for as long as that goes on, and the timeout after it", async () => {
    const id = await body();
    const work = { id: "w1", reason: "a terminal is open", ms: 600_000 };
    expect(await stubOf(id).beginWork("acc_test", work)).toMatchObject({
      awake: { reason: "a terminal is open" },
    });
    await letPass(id, 300);
    expect(await drive(id)).toEqual([]);
    await stubOf(id).endWork("w1");
    await letPass(id, 59);
    expect(await drive(id)).toEqual([]);
    await letPass(id, 2);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
  });

  it("forgets the work of a request that died, once its time is over", async () => {
    const id = await body();
    await stubOf(id).beginWork("acc_test", { id: "w1", reason: "a command", ms: 90_000 });
    await letPass(id, 91);
    expect(await drive(id)).toEqual([]);
    await letPass(id, 60);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
  });

  it("does not sleep when work begins during the look", async () => {
    const id = await body();
    await letPass(id, 61);
    const directive = await stubOf(id).next("driver");
    expect(directive).toMatchObject({ type: "step", step: "quiet" });
    await stubOf(id).beginWork("acc_test", { id: "w1", reason: "a command", ms: 60_000 });
    if (directive.type === "step") {
      await stubOf(id).report("driver", directive.fence, "quiet", ok());
    }
    expect(await stubOf(id).get()).toMatchObject({ state: "running", awake: { reason: "a command" } });
  });

  it("never sleeps without a timeout, and is the business of its account alone", async () => {
    const id = await body({ idleTimeoutSeconds: undefined });
    await letPass(id, 1_000_000);
    expect(await drive(id)).not.toContain("quiet");
    const stranger = { ...OWNER, accountId: "acc_other" };
    await stubOf(id).beginWork("acc_other", { id: "w1", reason: "mine", ms: 60_000 });
    expect(await stubOf(id).hold(60, "mine", stranger)).toBeUndefined();
    expect(await stubOf(id).get()).toMatchObject({ awake: null });
  });

  it("runs on where the machine cannot be looked into", async () => {
    const id = await body();
    await letPass(id, 61);
    const refused = { type: "rejected" as const, code: "not_running" as const, message: "off" };
    expect(await drive(id, { quiet: refused })).toEqual(["quiet"]);
    expect(await stubOf(id).get()).toMatchObject({ state: "running" });
  });

  it("is stopped where the vendor will not suspend it", async () => {
    const id = await body();
    await letPass(id, 61);
    const refused = { type: "rejected" as const, code: "unsupported" as const, message: "too big" };
    expect(await drive(id, { suspend: refused })).toEqual(["quiet", "suspend", "stop"]);
    expect(await stubOf(id).get()).toMatchObject({
      state: "stopped",
      lastSuspend: { outcome: "stopped", reason: "too big" },
    });
  });
});

describe("lesson 2: an instance with an address", () => {
  const site = (over: object = {}) => running(aCommand({ idleTimeoutSeconds: 60, ...over }));

  it("sleeps by itself as a body does, when nobody has asked for it", async () => {
    const id = await site();
    await letPass(id, 61);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
    expect(await stubOf(id).get()).toMatchObject({ state: "suspended", awake: null });
  });

  it("is kept awake by requests: one that was told of stands for those of half a minute", async () => {
    const id = await site();
    await stubOf(id).visited();
    const { awake } = (await stubOf(id).get()) ?? {};
    expect(awake?.reason).toBe("requests arrive");
    expect(awake?.until).toBeGreaterThan(Date.now() + 85_000);
    await letPass(id, 89);
    expect(await drive(id)).toEqual([]);
    expect(await stubOf(id).get()).toMatchObject({
      awake: { reason: "idle; the last was: requests arrive" },
    });
    await letPass(id, 2);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
  });

  it("is not put to sleep over a stream that is open in it, however long ago it was asked for", async () => {
    const id = await site();
    const open = "1 connection to the agent is open";
    for (let hour = 0; hour < 3; hour++) {
      await letPass(id, 3_600);
      expect(await drive(id, { quiet: busy(open) })).toEqual(["quiet"]);
      const now = await stubOf(id).get();
      expect(now).toMatchObject({ state: "running", awake: { reason: open } });
      expect(now?.awake?.until).toBeGreaterThan(Date.now() + 55_000);
    }
    await letPass(id, 61);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
  });

  it("does not sleep when it is asked for during the look", async () => {
    const id = await site();
    await letPass(id, 61);
    const directive = await stubOf(id).next("driver");
    await stubOf(id).visited();
    if (directive.type === "step") {
      await stubOf(id).report("driver", directive.fence, "quiet", ok());
    }
    expect(await stubOf(id).get()).toMatchObject({ state: "running", generation: 1 });
  });

  it("is kept awake by nobody who only looks at it", async () => {
    const id = await site();
    const looks = async () => {
      await stubOf(id).get();
      await stubOf(id).periodsOf("acc_test", undefined, 0);
      await stubOf(id).auditHead();
      await stubOf(id).doubt();
      await stubOf(id).isStillOf("acc_test", 0);
    };
    await looks();
    await letPass(id, 30);
    await looks();
    await letPass(id, 31);
    await looks();
    expect(await drive(id)).toContain("suspend");
  });

  it("writes nothing about requests to one that never sleeps", async () => {
    const id = await site({ idleTimeoutSeconds: undefined });
    const { version } = (await stubOf(id).get()) ?? {};
    await stubOf(id).visited();
    expect(await stubOf(id).get()).toMatchObject({ version, awake: null });
  });
});

describe("a hold", () => {
  it("keeps awake until then, is written down, and can be let go", async () => {
    const id = await body();
    const until = Date.now() + 600_000;
    const held = await stubOf(id).hold(600, "a long build", OWNER);
    expect(held).toMatchObject({ type: "accepted", now: { awake: { reason: "a long build" } } });
    expect(held?.type === "accepted" && (held.now.awake?.until ?? 0)).toBeGreaterThanOrEqual(until);
    await letPass(id, 500);
    expect(await drive(id)).toEqual([]);
    await stubOf(id).hold(0, "done", OWNER);
    await letPass(id, 61);
    expect(await drive(id)).toEqual(["quiet", "suspend"]);
    expect(await stubOf(id).hold(60, "late", OWNER)).toMatchObject({ type: "conflict", state: "suspended" });
    const told = (await events(id)).filter(({ action }) => action === "instance.hold");
    expect(told.map(({ detail }) => JSON.parse(detail).seconds)).toEqual([600, 0]);
  });
});
