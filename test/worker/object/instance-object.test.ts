import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Directive } from "../../../src/instance/contract.ts";
import type { PlanStep } from "../../../src/instance/plan.ts";
import type { Outcome, StepValue } from "../../../src/providers/provider.ts";
import { aCommand, env, stubOf } from "../harness.ts";

const CAUSE = { actor: { type: "system" as const, id: "test" } };
type StepDirective = Extract<Directive, { type: "step" }>;

const ok = (value: StepValue = {}): Outcome<StepValue> => ({ type: "ok", value });
const machine = (state: "starting" | "started" | "stopped" | "suspended", since?: number): StepValue => ({
  observed: { machine: state, vendorState: state, since },
});

/** What a vendor without any trouble answers to each step. */
const GOOD: Partial<Record<PlanStep, StepValue>> = {
  place: { refs: { place: "app" } },
  volume: { refs: { volume: "vol" } },
  machine: { refs: { machine: "m1" }, ...machine("starting") },
  boot: machine("started"),
  stop: machine("stopped"),
  suspend: machine("suspended"),
};

function asStep(directive: Directive): StepDirective {
  expect(directive.type).toBe("step");
  return directive as StepDirective;
}

/** Drives with made-up outcomes until there is nothing to do; evicts the object before every step. */
async function drive(
  id: string,
  over: Partial<Record<PlanStep, Outcome<StepValue>>> = {},
  { evict = true } = {},
): Promise<PlanStep[]> {
  const steps: PlanStep[] = [];
  for (let turn = 0; turn < 40; turn++) {
    if (evict) {
      await evictDurableObject(stubOf(id));
    }
    const directive = await stubOf(id).next("driver");
    if (directive.type !== "step") {
      return steps;
    }
    steps.push(directive.step);
    const outcome = over[directive.step] ?? ok(GOOD[directive.step]);
    await stubOf(id).report("driver", directive.fence, directive.step, outcome);
  }
  throw new Error("the object always wants another step");
}

async function born(): Promise<string> {
  const command = aCommand();
  await stubOf(command.id).create(command);
  return command.id;
}

async function running(): Promise<string> {
  const id = await born();
  await drive(id);
  expect((await stubOf(id).get())?.state).toBe("running");
  return id;
}

const periodsOf = (id: string) =>
  env.DB.prepare("SELECT * FROM periods WHERE instance_id = ? ORDER BY seq")
    .bind(id)
    .all<any>()
    .then((result) => result.results);

describe("the instance object", () => {
  it("leaves nothing behind for a made-up id", async () => {
    const stub = stubOf("cmpmadeup");
    expect(await stub.get()).toBeUndefined();
    expect(await stub.next("driver")).toEqual({ type: "idle" });
    expect((await stub.intend("start", CAUSE)).verdict).toEqual({ type: "unknown" });
    await stub.keepTicket("t", { expiresAt: Date.now() + 1000, accountId: "acc_test", actor: CAUSE.actor });
    const tables = await runInDurableObject(stub, (_, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
        .toArray(),
    );
    expect(tables).toEqual([]);
  });

  it("is created once, however often it is asked for (lesson 12: duplicates after a retried create)", async () => {
    const command = aCommand();
    const first = await stubOf(command.id).create(command);
    const again = await stubOf(command.id).create({ ...command, name: "Another" });
    expect(again).toEqual(first);
    expect(await periodsOf(command.id)).toHaveLength(1);
  });

  it("walks a create step by step, losing its memory before each", async () => {
    const id = await born();
    expect(await drive(id)).toEqual(["place", "address", "volume", "machine", "boot", "ready"]);
    expect(await stubOf(id).get()).toMatchObject({
      state: "running",
      place: "app",
      machine: "m1",
      problem: null,
    });
  });

  it("records periods that are gapless, half-open and metered as the machine is", async () => {
    const id = await running();
    await stubOf(id).intend("stop", CAUSE);
    await drive(id);
    const periods = await periodsOf(id);
    expect(periods.map(({ state, meter }) => `${state}/${meter}`)).toEqual([
      "creating/none",
      "creating/paused",
      "creating/running",
      "running/running",
      "stopping/running",
      "stopped/paused",
    ]);
    periods.slice(1).forEach((period, index) => {
      expect(period.started_at).toBe(periods[index].ended_at);
    });
    expect(periods.at(-1).ended_at).toBeNull();
  });

  it("dates a machine's end by the vendor's clock, held inside the open period", async () => {
    const id = await running();
    const before = (await periodsOf(id)).at(-1).started_at;
    await stubOf(id).intend("stop", CAUSE);
    await drive(id, { stop: ok(machine("stopped", before - 60_000)) });
    const stopped = (await periodsOf(id)).at(-1);
    expect(stopped.state).toBe("stopped");
    expect(stopped.started_at).toBe((await periodsOf(id)).at(-2).started_at);
  });

  it("drops reports of an older generation", async () => {
    const id = await born();
    const late = asStep(await stubOf(id).next("slow driver"));
    await stubOf(id).intend("delete", CAUSE);
    const answer = await stubOf(id).report(
      "slow driver",
      late.fence,
      late.step,
      ok({ refs: { place: "stray" } }),
    );
    expect(answer).toEqual({ type: "idle" });
    expect(await stubOf(id).get()).toMatchObject({ state: "deleting", place: null });
  });

  it("gives one driver the lease and sends the other away", async () => {
    const id = await born();
    asStep(await stubOf(id).next("one"));
    expect(await stubOf(id).next("two")).toEqual({ type: "busy" });
    await stubOf(id).release("one");
    asStep(await stubOf(id).next("two"));
  });

  it("persists a vendor id before anything waits on it", async () => {
    const id = await born();
    await drive(id, { boot: { type: "unknown", cause: "timeout" } });
    await evictDurableObject(stubOf(id));
    expect(await stubOf(id).get()).toMatchObject({ state: "creating", machine: "m1" });
  });

  it("ends a create that cannot succeed in error, and leaves nothing billed behind", async () => {
    const id = await born();
    const refused = {
      type: "rejected",
      code: "no_capacity",
      message: "no room in iad",
      hint: "try ord",
    } as const;
    const steps = await drive(id, { machine: refused });
    expect(steps).toEqual([
      "place",
      "address",
      "volume",
      "machine",
      "unmachine",
      "unvolume",
      "unplace",
      "gone",
    ]);
    const row = await stubOf(id).get();
    expect(row).toMatchObject({
      state: "error",
      problem: { message: "no room in iad", hint: "try ord" },
      place: null,
    });
    expect((await periodsOf(id)).at(-1)).toMatchObject({ state: "error", meter: "none", ended_at: null });
    expect((await stubOf(id).intend("start", CAUSE)).verdict).toMatchObject({ type: "conflict" });
  });

  it("stops instead where the vendor will not suspend, and says so", async () => {
    const id = await running();
    await stubOf(id).intend("suspend", CAUSE);
    await drive(id, { suspend: { type: "rejected", code: "unsupported", message: "more than 2 GB" } });
    expect(await stubOf(id).get()).toMatchObject({
      state: "stopped",
      lastSuspend: { outcome: "stopped", reason: "more than 2 GB" },
    });
  });

  it("restarts through stop and start", async () => {
    const id = await running();
    await stubOf(id).intend("restart", CAUSE);
    expect(await drive(id)).toEqual(["stop", "start", "boot", "ready"]);
    expect((await stubOf(id).get())?.state).toBe("running");
  });

  it("lets one of two concurrent actions win and tells the other the state", async () => {
    const id = await running();
    const results = await Promise.all([
      stubOf(id).intend("stop", CAUSE),
      stubOf(id).intend("suspend", CAUSE),
    ]);
    expect(results.map(({ verdict }) => verdict.type).sort()).toEqual(["accepted", "conflict"]);
  });

  it("deletes in the middle of creating and is deleted only when nothing is left (lesson 9)", async () => {
    const id = await born();
    await stubOf(id).next("driver");
    await stubOf(id).intend("delete", CAUSE);
    await stubOf(id).release("driver");
    await drive(id, { gone: { type: "retry", afterMs: 60_000, cause: "the machine is still listed" } });
    expect((await stubOf(id).get())?.state).toBe("deleting");
    expect((await stubOf(id).get())?.progress).toContain("still listed");
  });

  it("shows a delete that is refused again and again (lesson 3: thousands of failed deletes, nobody told)", async () => {
    const id = await running();
    await stubOf(id).intend("delete", CAUSE);
    await drive(id, {
      unmachine: { type: "rejected", code: "unauthorized", message: "the token was revoked" },
    });
    const row = await stubOf(id).get();
    expect(row?.state).toBe("deleting");
    expect(row?.progress).toContain("the token was revoked");
    expect(await stubOf(id).next("driver")).toMatchObject({ type: "later" });
  });

  it("raises an alarm for a state it does not know (lesson 5: stayed running with a dead machine)", async () => {
    const id = await running();
    await runInDurableObject(stubOf(id), (_, state) => {
      const body = JSON.parse(state.storage.sql.exec<{ body: string }>("SELECT body FROM record").one().body);
      state.storage.sql.exec("UPDATE record SET body = ?", JSON.stringify({ ...body, checkAt: 0 }));
    });
    await runDurableObjectAlarm(stubOf(id));
    await drive(id, { observe: ok({ observed: { machine: "unknown", vendorState: "frobnicating" } }) });
    expect(await stubOf(id).get()).toMatchObject({
      state: "error",
      problem: { code: "unknown_machine_state", message: expect.stringContaining("frobnicating") },
    });
  });

  it("catches D1 up after an outage, without making anybody wait", async () => {
    await env.DB.prepare("ALTER TABLE instances RENAME TO instances_away").run();
    const id = await born();
    expect((await stubOf(id).get())?.state).toBe("creating");
    await env.DB.prepare("ALTER TABLE instances_away RENAME TO instances").run();
    await runInDurableObject(stubOf(id), (_, state) =>
      state.storage.sql.exec("UPDATE outbox SET due_at = 0"),
    );
    await runDurableObjectAlarm(stubOf(id));
    const row = await env.DB.prepare("SELECT state FROM instances WHERE id = ?").bind(id).first();
    expect(row).toEqual({ state: "creating" });
  });

  it("wakes those who wait for it to settle", async () => {
    const id = await born();
    const [settled] = await Promise.all([stubOf(id).settled(20_000), drive(id, {}, { evict: false })]);
    expect(settled?.state).toBe("running");
  });

  it("takes a ticket once, and never after its time", async () => {
    const id = await born();
    await stubOf(id).keepTicket("good", {
      expiresAt: Date.now() + 60_000,
      accountId: "acc_test",
      actor: CAUSE.actor,
    });
    await stubOf(id).keepTicket("old", {
      expiresAt: Date.now() - 1,
      accountId: "acc_test",
      actor: CAUSE.actor,
    });
    expect(await stubOf(id).takeTicket("good")).toMatchObject({ accountId: "acc_test", actor: CAUSE.actor });
    expect(await stubOf(id).takeTicket("good")).toBeUndefined();
    expect(await stubOf(id).takeTicket("old")).toBeUndefined();
  });
});

describe("the records", () => {
  it("refuse to have a closed period or an audit event changed", async () => {
    const id = await running();
    const closed = env.DB.prepare(
      "UPDATE periods SET ended_at = 0 WHERE instance_id = ? AND ended_at IS NOT NULL",
    ).bind(id);
    await expect(closed.run()).rejects.toThrow("never edited");
    await expect(env.DB.prepare("UPDATE audit_events SET action = 'x'").run()).rejects.toThrow("append-only");
    await expect(env.DB.prepare("DELETE FROM audit_events").run()).rejects.toThrow("append-only");
  });
});
