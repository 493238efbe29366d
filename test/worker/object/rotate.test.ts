import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { aCommand, env, stubOf } from "../harness.ts";
import { running } from "./driving.ts";

const OWNER = { actor: { type: "token" as const, id: "tok_test" }, accountId: "acc_test" };

const inD1 = (id: string) =>
  env.DB.prepare("SELECT subdomain FROM instances WHERE id = ?").bind(id).first("subdomain");

it("moves once for two commands that were made for the same name", async () => {
  const id = await running(aCommand({ subdomain: "ai-both0000" }));
  const verdicts = await Promise.all(
    ["ai-one00000", "ai-two00000"].map((subdomain) =>
      stubOf(id).rotate({ from: "ai-both0000", subdomain }, OWNER),
    ),
  );
  expect(verdicts.map((verdict) => verdict?.type)).toEqual(["accepted", "stale"]);
  expect(await inD1(id)).toBe("ai-one00000");
});

it("has the new name everywhere in the end although D1 and its memory failed meanwhile", async () => {
  const id = await running(aCommand({ subdomain: "ai-old00000" }));
  await env.DB.prepare("ALTER TABLE instances RENAME TO instances_away").run();
  await stubOf(id).rotate({ from: "ai-old00000", subdomain: "ai-new00000" }, OWNER);
  await env.DB.prepare("ALTER TABLE instances_away RENAME TO instances").run();
  await evictDurableObject(stubOf(id));
  expect((await stubOf(id).get())?.subdomain).toBe("ai-new00000");
  expect(await inD1(id)).toBe("ai-old00000");
  await runInDurableObject(stubOf(id), (_, state) => state.storage.sql.exec("UPDATE outbox SET due_at = 0"));
  await runDurableObjectAlarm(stubOf(id));
  expect(await inD1(id)).toBe("ai-new00000");
});

it("moves for its owner alone", async () => {
  const id = await running(aCommand({ subdomain: "ai-mine0000" }));
  const stranger = { ...OWNER, accountId: "acc_other" };
  const command = { from: "ai-mine0000", subdomain: "ai-theirs00" };
  expect(await stubOf(id).rotate(command, stranger)).toBeUndefined();
  expect((await stubOf(id).intend("stop", stranger)).verdict).toEqual({ type: "unknown" });
  expect(await stubOf(id).basis("acc_other")).toBeUndefined();
  expect(await stubOf(id).get()).toMatchObject({ subdomain: "ai-mine0000", state: "running" });
});
