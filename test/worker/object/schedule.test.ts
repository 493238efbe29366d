import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { aCommand, env, stubOf } from "../harness.ts";
import { drive, running } from "./driving.ts";

const OWNER = { actor: { type: "token" as const, id: "tok_test" }, accountId: "acc_test" };
const HOUR = 3_600_000;

const patch = (id: string, schedule: { wakeAt?: number | null; wakeCron?: string | null }) =>
  stubOf(id).patch(schedule, OWNER);
const suspended = async () => {
  const id = await running(aCommand());
  await stubOf(id).intend("suspend", OWNER);
  await drive(id);
  expect((await stubOf(id).get())?.state).toBe("suspended");
  return id;
};
/** As if its times had come long ago, and nobody had been there. */
async function letCome(id: string): Promise<void> {
  await runInDurableObject(stubOf(id), (_, { storage }) => {
    for (const field of ["wakeAt", "cronAt"]) {
      storage.sql.exec(
        `UPDATE record SET body = json_set(body, '$.${field}', ?1) WHERE json_extract(body, '$.${field}') IS NOT NULL`,
        Date.now() - 72 * HOUR,
      );
    }
  });
  await runDurableObjectAlarm(stubOf(id));
}
const scheduled = async (id: string) => {
  await stubOf(id).settled(0);
  const query =
    "SELECT action, detail FROM audit_events WHERE instance_id = ? AND actor = 'system:schedule' AND action <> 'instance.state' ORDER BY seq";
  const { results } = await env.DB.prepare(query).bind(id).all<{ action: string; detail: string }>();
  return results.map(({ action, detail }) => [action, JSON.parse(detail).reason]);
};
const alarmOf = (id: string) => runInDurableObject(stubOf(id), (_, { storage }) => storage.getAlarm());

describe("lesson 15: a schedule", () => {
  it("sets the object's alarm, also for one that sleeps", async () => {
    const id = await suspended();
    const wakeAt = Date.now() + HOUR;
    expect(await patch(id, { wakeAt })).toMatchObject({ wakeAt });
    expect(await alarmOf(id)).toBe(wakeAt);
    await runDurableObjectAlarm(stubOf(id));
    expect(await stubOf(id).get()).toMatchObject({ state: "suspended", wakeAt });
    expect(await alarmOf(id)).toBe(wakeAt);
  });

  it("wakes once at its one time, and is over then", async () => {
    const id = await suspended();
    await patch(id, { wakeAt: Date.now() + HOUR });
    await letCome(id);
    expect(await drive(id)).toEqual(["permit", "start", "boot", "ready"]);
    expect(await stubOf(id).get()).toMatchObject({ state: "running", wakeAt: null });
    expect(await scheduled(id)).toEqual([["instance.resume", "its schedule"]]);
    await stubOf(id).intend("suspend", OWNER);
    await drive(id);
    await runDurableObjectAlarm(stubOf(id));
    expect(await drive(id)).toEqual([]);
  });

  it("wakes by its cron expression again and again, and once for all that was missed in three days", async () => {
    const id = await suspended();
    await patch(id, { wakeCron: "0 * * * *" });
    for (let day = 1; day <= 2; day++) {
      await letCome(id);
      expect(await drive(id)).toEqual(["permit", "start", "boot", "ready"]);
      expect(await scheduled(id)).toHaveLength(day);
      await stubOf(id).intend("suspend", OWNER);
      await drive(id);
      expect(await stubOf(id).get()).toMatchObject({ state: "suspended", wakeCron: "0 * * * *" });
      const next = (await alarmOf(id)) ?? 0;
      expect([next % HOUR, next > Date.now(), next <= Date.now() + HOUR]).toEqual([0, true, true]);
    }
  });

  it("is forgotten when it is taken away", async () => {
    const id = await suspended();
    await patch(id, { wakeCron: "0 * * * *", wakeAt: Date.now() + HOUR });
    expect(await patch(id, { wakeCron: null, wakeAt: null })).toMatchObject({ wakeCron: null, wakeAt: null });
    await letCome(id);
    expect(await drive(id)).toEqual([]);
  });

  it("does not wake against the account's limits, says so, and goes on to the next time", async () => {
    const id = await suspended();
    await patch(id, { wakeCron: "0 * * * *" });
    await letCome(id);
    const spent = {
      type: "rejected" as const,
      code: "unsupported" as const,
      message: "The budget is spent.",
    };
    expect(await drive(id, { permit: spent })).toEqual(["permit"]);
    expect(await stubOf(id).get()).toMatchObject({ state: "suspended", generation: 2 });
    expect(await scheduled(id)).toEqual([["instance.wake_missed", "The budget is spent."]]);
    expect(await alarmOf(id)).toBeGreaterThan(Date.now());
  });

  it("leaves what was stopped stopped, and says that it was missed", async () => {
    const id = await running(aCommand());
    await patch(id, { wakeAt: Date.now() + HOUR });
    await stubOf(id).intend("stop", OWNER);
    await drive(id);
    await letCome(id);
    expect(await drive(id)).toEqual([]);
    expect(await stubOf(id).get()).toMatchObject({ state: "stopped", wakeAt: null });
    expect(await scheduled(id)).toEqual([["instance.wake_missed", "the instance was stopped"]]);
  });

  it("counts as use of one that runs, so that it does not fall asleep over it", async () => {
    const id = await running(aCommand({ idleTimeoutSeconds: 600 }));
    await patch(id, { wakeAt: Date.now() + HOUR });
    await runInDurableObject(stubOf(id), (_, { storage }) => {
      storage.sql.exec("UPDATE periods SET started_at = started_at - ?", HOUR);
      storage.sql.exec("UPDATE record SET body = json_set(body, '$.activeAt', 0)");
    });
    const before = (await stubOf(id).get())?.awake?.until ?? 0;
    expect(before).toBeLessThan(Date.now());
    await runInDurableObject(stubOf(id), (_, { storage }) => {
      storage.sql.exec("UPDATE record SET body = json_set(body, '$.activeAt', ?)", Date.now() - 599_000);
    });
    await letCome(id);
    expect(await drive(id)).toEqual([]);
    expect((await stubOf(id).get())?.awake?.until).toBeGreaterThan(Date.now() + 590_000);
  });
});
