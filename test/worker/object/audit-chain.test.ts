import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditEntry } from "../../../src/audit/entry.ts";
import { openDb } from "../../../src/db/client.ts";
import { accounts, auditEvents } from "../../../src/db/schema.ts";
import { newAccountId } from "../../../src/ids.ts";
import { verifyChains } from "../../../src/sdk/audit/verify.ts";
import { commit } from "../../../src/services/commit.ts";
import { aCommand, env, stubOf } from "../harness.ts";

const CAUSE = { actor: { type: "token" as const, id: "tok_test" }, requestId: "req_test" };
const db = openDb(env.DB);

const chainOf = (chain: string) =>
  db.select().from(auditEvents).where(eq(auditEvents.chain, chain)).orderBy(auditEvents.seq);

async function verified(chain: string): Promise<{ events: number; finding: unknown } | undefined> {
  const events = (await chainOf(chain)).map(({ position: _, ...row }) => ({
    ...row,
    at: new Date(row.at).toISOString(),
  }));
  return (await verifyChains({ events, heads: [], keys: [] }))[0];
}

async function born(): Promise<string> {
  const command = aCommand();
  await stubOf(command.id).create(command);
  return command.id;
}

describe("an instance's chain", () => {
  it("goes on where it was after the object lost its memory", async () => {
    const id = await born();
    for (const name of ["one", "two", "three"]) {
      await evictDurableObject(stubOf(id));
      await stubOf(id).patch({ name }, CAUSE);
    }
    await stubOf(id).intend("delete", CAUSE);
    const events = await chainOf(id);
    expect(events.map(({ seq, action }) => `${seq} ${action}`)).toEqual([
      "1 instance.update",
      "2 instance.update",
      "3 instance.update",
      "4 instance.delete",
      "5 instance.state",
    ]);
    expect(events[1]).toMatchObject({
      accountId: "acc_test",
      instanceId: id,
      actor: "token:tok_test",
      requestId: "req_test",
      detail: { before: { name: "one" }, after: { name: "two" } },
    });
    expect(await verified(id)).toMatchObject({ events: 5, finding: null });
    expect(await stubOf(id).auditHead()).toEqual({
      seq: 5,
      hash: events[4]?.hash,
      accountId: "acc_test",
      isDelivered: true,
    });
  });

  it("has one order, however many write at once", async () => {
    const id = await born();
    const uses = Array.from({ length: 20 }, (_, at) =>
      stubOf(id).recordUse({ action: "instance.exec", cause: CAUSE, detail: { command: `echo ${at}` } }),
    );
    await Promise.all(uses);
    expect(await verified(id)).toMatchObject({ events: 20, finding: null });
  });

  it("arrives in order and whole after an outage of the records", async () => {
    const id = await born();
    await env.DB.prepare("ALTER TABLE audit_events RENAME TO audit_events_away").run();
    await stubOf(id).patch({ name: "during" }, CAUSE);
    await evictDurableObject(stubOf(id));
    expect((await stubOf(id).auditHead())?.isDelivered).toBe(false);
    await env.DB.prepare("ALTER TABLE audit_events_away RENAME TO audit_events").run();
    // The one from the outage is put off for a while; the next takes it along.
    await stubOf(id).patch({ name: "after" }, CAUSE);
    expect(await verified(id)).toMatchObject({ events: 2, finding: null });
    await runDurableObjectAlarm(stubOf(id));
    expect(await stubOf(id).auditHead()).toMatchObject({ seq: 2, isDelivered: true });
  });

  it("is delivered again without being written twice", async () => {
    const id = await born();
    await stubOf(id).patch({ name: "once" }, CAUSE);
    const [event] = await chainOf(id);
    await runInDurableObject(stubOf(id), (_, state) => {
      const { position: _position, ...entry } = event as NonNullable<typeof event>;
      const payload = JSON.stringify({ kind: "audit", entry });
      state.storage.sql.exec("INSERT INTO outbox VALUES ('audit', 'again', 1, 0, ?)", payload);
    });
    await stubOf(id).patch({ name: "twice" }, CAUSE);
    expect(await verified(id)).toMatchObject({ events: 2, finding: null });
  });

  it("of a made-up id does not exist, and nothing is left behind", async () => {
    const stub = stubOf("cmpmadeupaudit");
    await stub.recordUse({ action: "instance.exec", cause: CAUSE, detail: {} });
    expect(await stub.auditHead()).toBeUndefined();
  });
});

describe("an account's chain", () => {
  const anEntry = (accountId: string) =>
    auditEntry({ accountId, ...CAUSE, action: "token.create", target: "tok_x", at: Date.now() });
  const anAccount = (id: string) => ({ id, email: `${id}@test`, createdAt: 0 });
  const nameOf = async (id: string) => (await db.select().from(accounts).where(eq(accounts.id, id)))[0]?.name;

  it("applies nothing of a change whose event cannot be written", async () => {
    const id = newAccountId();
    await db.insert(accounts).values(anAccount(id));
    const rename = db.update(accounts).set({ name: "changed" }).where(eq(accounts.id, id));
    const entry = anEntry(id);
    await env.DB.prepare("ALTER TABLE audit_events RENAME COLUMN prev_hash TO away").run();
    await expect(commit(db, rename, entry)).rejects.toThrow();
    await env.DB.prepare("ALTER TABLE audit_events RENAME COLUMN away TO prev_hash").run();
    expect(await nameOf(id)).toBeNull();
    expect(await commit(db, rename, entry)).toBe(true);
    expect(await nameOf(id)).toBe("changed");
    expect(await verified(id)).toMatchObject({ events: 1, finding: null });
  });

  it("takes a commit whose answer was lost for what it was", async () => {
    const id = newAccountId();
    const entry = anEntry(id);
    const insert = db.insert(accounts).values(anAccount(id));
    expect(await commit(db, insert, entry)).toBe(true);
    // The same again: the first one is found to have happened.
    expect(await commit(db, insert, entry)).toBe(true);
    expect(await verified(id)).toMatchObject({ events: 1, finding: null });
  });

  it("has no event of a change whose guard did not match", async () => {
    const id = newAccountId();
    const nobody = db.update(accounts).set({ name: "x" }).where(eq(accounts.id, id));
    expect(await commit(db, nobody, anEntry(id))).toBe(false);
    expect(await chainOf(id)).toEqual([]);
  });

  it("passes a failure of the change itself on, at once", async () => {
    const id = newAccountId();
    await db.insert(accounts).values(anAccount(id));
    const again = db.insert(accounts).values({ ...anAccount(id), email: "other@test" });
    await expect(commit(db, again, anEntry(id))).rejects.toThrow();
    expect(await chainOf(id)).toEqual([]);
  });

  it("applies each of many changes at once exactly once", async () => {
    const id = newAccountId();
    await env.DB.prepare("INSERT INTO accounts (id, email, created_at) VALUES (?, ?, 0)")
      .bind(id, `${id}@test`)
      .run();
    const count = { createdAt: sql`${accounts.createdAt} + 1` };
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        commit(db, db.update(accounts).set(count).where(eq(accounts.id, id)), anEntry(id)),
      ),
    );
    expect(results.every(Boolean)).toBe(true);
    expect((await db.select().from(accounts).where(eq(accounts.id, id)))[0]?.createdAt).toBe(20);
    expect(await verified(id)).toMatchObject({ events: 20, finding: null });
  });
});

describe("audit rows updated in place, deleted by retention (lesson 16)", () => {
  it.each([
    "UPDATE audit_events SET action = 'x'",
    "UPDATE audit_events SET seq = seq + 1",
    "DELETE FROM audit_events",
    "UPDATE audit_heads SET hash = 'x'",
    "DELETE FROM audit_heads",
  ])("%s: refused", async (statement) => {
    await stubOf(await born()).patch({}, CAUSE);
    await env.DB.prepare(
      "INSERT INTO audit_heads (chain, account_id, seq, hash, signed_at, jws) VALUES ('c', 'a', 1, 'h', 0, 'j') ON CONFLICT DO NOTHING",
    ).run();
    await expect(env.DB.prepare(statement).run()).rejects.toThrow("append-only");
  });

  it.each(["position", "id", "chain, seq"])("are not replaced either, by %s", async (same) => {
    const id = await born();
    await stubOf(id).patch({ name: "true" }, CAUSE);
    const forged = {
      position: "(SELECT max(position) + 1 FROM audit_events)",
      id: "'aud_forged'",
      chain: "'cmpforged'",
      seq: "7",
    };
    const columns = { ...forged, ...Object.fromEntries(same.split(", ").map((name) => [name, name])) };
    const replace = env.DB.prepare(
      `INSERT OR REPLACE INTO audit_events (position, id, chain, seq, account_id, actor, action, target, at, prev_hash, hash)
       SELECT ${columns.position}, ${columns.id}, ${columns.chain}, ${columns.seq}, account_id, 'forged', action, target, at,
         prev_hash, hash FROM audit_events WHERE chain = ?`,
    ).bind(id);
    expect((await replace.run()).meta.changes).toBe(0);
    expect(await verified(id)).toMatchObject({ events: 1, finding: null });
  });
});
