import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { newTransferId } from "../../../src/ids.ts";
import type { Step } from "../../../src/providers/provider.ts";
import { aCommand, env, stubOf } from "../harness.ts";
import { drive, running } from "./driving.ts";

const SOURCE = { accountId: "acc_test", actor: { type: "token" as const, id: "tok_source" } };
const RECEIVER = { accountId: "acc_receiver", actor: { type: "token" as const, id: "tok_receiver" } };
const PARTY = { accountId: "acc_receiver", names: ["acc_receiver", "receiver@test"] };
const OWNER = { accountId: "acc_test", names: ["acc_test", "acc@test"] };

beforeAll(async () => {
  await env.DB.prepare(
    "INSERT INTO accounts (id, email, created_at) VALUES ('acc_receiver', 'receiver@test', 0) ON CONFLICT DO NOTHING",
  ).run();
});

async function offered(id: string, expiresAt = Date.now() + 60_000): Promise<string> {
  const transfer = newTransferId();
  const command = { type: "offer" as const, id: transfer, receiver: "receiver@test", expiresAt };
  expect(await stubOf(id).transfer(command, SOURCE)).toMatchObject({ type: "accepted" });
  return transfer;
}

async function accept(id: string, transfer: string) {
  const from = (await stubOf(id).get())?.subdomain ?? "";
  const handover = {
    from,
    subdomain: `ai-${transfer.slice(-8)}`,
    recipe: { sealedRecipe: "the receiver's", sealedInputs: "inputs" },
    lacksModelKey: true,
  };
  return stubOf(id).transfer({ type: "accept", id: transfer, party: PARTY, handover }, RECEIVER);
}

const all = async (sql: string, ...values: unknown[]) =>
  (
    await env.DB.prepare(sql)
      .bind(...values)
      .all<any>()
  ).results;
const periodsOf = (id: string) => all("SELECT * FROM periods WHERE instance_id = ? ORDER BY seq", id);
const transferIn = (id: string) => all("SELECT state, to_account FROM transfers WHERE id = ?", id);

async function stateBefore(before: Step[] | "stop" | "suspend" | null): Promise<string> {
  const id = await running(aCommand({ labels: { team: "source" } }));
  if (before === "stop" || before === "suspend") {
    await stubOf(id).intend(before, SOURCE);
    await drive(id);
  }
  return id;
}

describe("the moment of acceptance", () => {
  it.each([
    ["running", null, ["stop", "configure", "start", "boot", "ready"], "running"],
    ["stopped", "stop", ["configure"], "stopped"],
    ["suspended", "suspend", ["stop", "configure"], "stopped"],
  ] as const)("%s: gives everything to the receiver at once", async (_, before, steps, end) => {
    const id = await stateBefore(before);
    const old = await stubOf(id).get();
    const transfer = await offered(id);
    await stubOf(id).keepTicket("ticket", { expiresAt: Date.now() + 60_000, ...SOURCE });
    expect(await accept(id, transfer)).toMatchObject({ type: "accepted" });
    await evictDurableObject(stubOf(id));

    const row = await stubOf(id).get();
    expect(row).toMatchObject({ accountId: "acc_receiver", labels: {}, access: "link" });
    expect(row?.subdomain).not.toBe(old?.subdomain);
    expect(row?.generation).toBe((old?.generation ?? 0) + 1);
    expect(row?.notices.map(({ code }) => code)).toEqual(["key_removal_pending", "model_key_missing"]);
    expect(await stubOf(id).takeTicket("ticket")).toBeUndefined();
    expect(await stubOf(id).basis("acc_test")).toBeUndefined();
    expect((await stubOf(id).intend("start", SOURCE)).verdict).toEqual({ type: "unknown" });
    expect(await stubOf(id).periodsOf("acc_test", undefined, 0)).toBeUndefined();

    const periods = await periodsOf(id);
    const last = periods.findLast(({ account_id }) => account_id === "acc_test");
    const first = periods.find(({ account_id }) => account_id === "acc_receiver");
    expect(first.started_at).toBe(last.ended_at);
    expect(first.seq).toBe(last.seq + 1);
    expect(first.meter).toBe(last.meter);
    expect(row?.stateSince).toBe(first.started_at);
    const audit = await all(
      "SELECT account_id, actor FROM audit_events WHERE instance_id = ? AND action = 'transfer.accept' ORDER BY account_id",
      id,
    );
    expect(audit).toEqual([
      { account_id: "acc_receiver", actor: "token:tok_receiver" },
      { account_id: "acc_test", actor: "user:acc_receiver" },
    ]);
    expect(await transferIn(transfer)).toEqual([{ state: "accepted", to_account: "acc_receiver" }]);

    expect(await drive(id)).toEqual(steps);
    expect(await stubOf(id).get()).toMatchObject({ state: end, notices: [{ code: "model_key_missing" }] });
  });

  it("never lets a stopped machine start with the source's settings", async () => {
    const id = await stateBefore("stop");
    await accept(id, await offered(id));
    // Not driven yet: the receiver is faster than the removal.
    await stubOf(id).intend("start", RECEIVER);
    const refused = { type: "retry", afterMs: 60_000, cause: "Fly is away" } as const;
    expect(await drive(id, { configure: refused })).toEqual(["configure"]);
    expect((await stubOf(id).get())?.notices[0]?.code).toBe("key_removal_pending");
  });

  it("is refused while the instance is on its way somewhere", async () => {
    const id = await stateBefore("stop");
    await stubOf(id).intend("start", SOURCE);
    expect(await accept(id, await offeredAtRest(id))).toMatchObject({ type: "conflict" });
  });
});

/** An offer that was made before, while the instance is on its way. */
async function offeredAtRest(id: string): Promise<string> {
  const transfer = newTransferId();
  await runInDurableObject(stubOf(id), (_, { storage: { sql } }) => {
    const body = {
      id: transfer,
      fromAccount: "acc_test",
      receiver: "receiver@test",
      toAccount: null,
      state: "offered",
      createdAt: 0,
      expiresAt: Date.now() + 60_000,
      decidedAt: null,
    };
    sql.exec(
      "INSERT INTO transfers VALUES (?, 'offered', ?, ?)",
      transfer,
      body.expiresAt,
      JSON.stringify(body),
    );
  });
  return transfer;
}

describe("an offer", () => {
  it("accepted twice, or by two at once, is accepted once", async () => {
    const id = await stateBefore("stop");
    const transfer = await offered(id);
    const both = await Promise.all([accept(id, transfer), accept(id, transfer)]);
    expect(both.map((verdict) => verdict?.type).sort()).toEqual(["accepted", "settled"]);
    expect(await accept(id, transfer)).toMatchObject({ type: "settled" });
    const theirs = (await periodsOf(id)).filter(({ account_id }) => account_id === "acc_receiver");
    expect(theirs).toHaveLength(1);
  });

  it("accepted and cancelled at once has one winner, and the instance is wholly with one side", async () => {
    const id = await stateBefore("stop");
    const transfer = await offered(id);
    const cancel = { type: "cancel" as const, id: transfer, party: OWNER };
    const [cancelled, taken] = await Promise.all([stubOf(id).transfer(cancel, SOURCE), accept(id, transfer)]);
    expect([cancelled?.type, taken?.type].sort()).toEqual(["accepted", "conflict"]);
    const owner = (await stubOf(id).get())?.accountId;
    expect(owner).toBe(taken?.type === "accepted" ? "acc_receiver" : "acc_test");
  });

  it.each(["decline", "cancel"] as const)(
    "can be ended (%s) by whom it concerns alone, and made again",
    async (type) => {
      const id = await stateBefore("stop");
      const transfer = await offered(id);
      const [right, wrong] = type === "cancel" ? [OWNER, PARTY] : [PARTY, OWNER];
      expect(await stubOf(id).transfer({ type, id: transfer, party: wrong }, SOURCE)).toEqual({
        type: "unknown",
      });
      expect(await stubOf(id).transfer({ type, id: transfer, party: right }, SOURCE)).toMatchObject({
        type: "accepted",
      });
      expect(await accept(id, transfer)).toMatchObject({ type: "conflict" });
      await offered(id);
    },
  );

  it("expires by itself", async () => {
    const id = await stateBefore("stop");
    const transfer = await offered(id, Date.now() + 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await runDurableObjectAlarm(stubOf(id));
    expect(await transferIn(transfer)).toEqual([{ state: "expired", to_account: null }]);
    expect(await accept(id, transfer)).toMatchObject({ type: "conflict" });
  });

  it("is refused on the way, and while another is open; a delete withdraws it", async () => {
    const id = await stateBefore("stop");
    const transfer = await offered(id);
    const again = {
      type: "offer" as const,
      id: newTransferId(),
      receiver: "x@test",
      expiresAt: Date.now() + 1000,
    };
    expect(await stubOf(id).transfer(again, SOURCE)).toMatchObject({ type: "conflict" });
    await stubOf(id).intend("delete", SOURCE);
    expect(await transferIn(transfer)).toEqual([{ state: "cancelled", to_account: null }]);
    expect(await stubOf(id).transfer(again, SOURCE)).toMatchObject({ type: "conflict" });
  });
});

describe("a crash", () => {
  it("of D1 in the middle leaves it with the receiver, and the records follow", async () => {
    const id = await stateBefore("stop");
    const transfer = await offered(id);
    await env.DB.prepare("ALTER TABLE instances RENAME TO instances_away").run();
    expect(await accept(id, transfer)).toMatchObject({ type: "accepted" });
    await env.DB.prepare("ALTER TABLE instances_away RENAME TO instances").run();
    await evictDurableObject(stubOf(id));
    expect(await stubOf(id).get()).toMatchObject({ accountId: "acc_receiver" });
    const inD1 = () => all("SELECT account_id FROM instances WHERE id = ?", id);
    expect(await inD1()).toEqual([{ account_id: "acc_test" }]);
    expect(await transferIn(transfer)).toEqual([{ state: "offered", to_account: null }]);
    // Nothing of the batch has left, or all of it has.
    await runInDurableObject(stubOf(id), (_, state) =>
      state.storage.sql.exec("UPDATE outbox SET due_at = 0"),
    );
    await runDurableObjectAlarm(stubOf(id));
    expect(await inD1()).toEqual([{ account_id: "acc_receiver" }]);
    expect(await transferIn(transfer)).toEqual([{ state: "accepted", to_account: "acc_receiver" }]);
  });

  it("before the moment leaves it with the source", async () => {
    const id = await stateBefore("stop");
    const transfer = await offered(id);
    const stale = {
      from: "ai-elsewhere",
      subdomain: "ai-n",
      recipe: { sealedRecipe: "", sealedInputs: "" },
      lacksModelKey: true,
    };
    const verdict = await stubOf(id).transfer(
      { type: "accept", id: transfer, party: PARTY, handover: stale },
      RECEIVER,
    );
    expect(verdict).toEqual({ type: "stale" });
    expect(await stubOf(id).get()).toMatchObject({ accountId: "acc_test", labels: { team: "source" } });
    expect(await accept(id, transfer)).toMatchObject({ type: "accepted" });
  });
});

it("tells who waits that it is theirs no longer", async () => {
  const id = await stateBefore("stop");
  const transfer = await offered(id);
  const [still] = await Promise.all([stubOf(id).isStillOf("acc_test", 30_000), accept(id, transfer)]);
  expect(still).toBe(false);
});
