/** Somebody edits the database file while nothing runs; `gentity audit verify` names what they did (lesson 16). */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent, ChainReport } from "../../src/sdk/index.ts";
import { Stack, until } from "./stack.ts";

const ACCOUNT = "acc_local";

let stack: Stack;
let changed: string;
let shortened: string;
let swapped: string;

/** The same state, from the file up. */
async function restart(): Promise<void> {
  const { state, port } = stack;
  await stack.stop();
  stack = await Stack.start({ state, port });
}

const eventsOf = async (chain: string): Promise<AuditEvent[]> =>
  (await stack.api("GET", `/api/audit?after=0&chain=${chain}`)).body.events;

async function anInstanceWithEvents(name: string): Promise<string> {
  const { id } = await stack.create({ name });
  for (const word of ["one", "two", "three"]) {
    await stack.run(["compute", "exec", id, "--", "echo", word]);
  }
  await until("the commands to be written down", async () => {
    const events = await eventsOf(id);
    return events.filter(({ action }) => action === "instance.exec").length === 3;
  });
  return id;
}

/** The file that the records lie in, among those of the objects and the runtime. */
function openRecords(): DatabaseSync {
  const folder = join(stack.state, "worker");
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".sqlite")) continue;
    const database = new DatabaseSync(join(folder, file));
    if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'audit_events'").get()) return database;
    database.close();
  }
  throw new Error(`no database with audit events below ${folder}`);
}

async function verify(): Promise<{ code: number | null; ok: boolean; chains: ChainReport[] }> {
  const { code, stdout } = await stack.cli(["audit", "verify", "--json"]);
  return { code, ...JSON.parse(stdout) };
}

beforeAll(async () => {
  stack = await Stack.start();
  changed = await anInstanceWithEvents("changed");
  shortened = await anInstanceWithEvents("shortened");
  swapped = await anInstanceWithEvents("swapped");
  await stack.run(["tokens", "create", "ci"]);
  // What a computer that was off has missed is made up for at the start: the signing too.
  await restart();
  await until("four heads to be signed", async () => {
    const { body } = await stack.api("GET", "/api/audit/heads");
    return body.heads.length === 4;
  });
});
afterAll(() => stack.close());

describe("what nobody touched", () => {
  it("is listed, newest first, with the command and how it ended", async () => {
    const table = await stack.run(["audit", "--instance", changed]);
    const lines = table.split("\n");
    expect(lines[0]).toMatch(/^TIME +ACTION +TARGET +ACTOR +DETAIL/);
    expect(lines[1]).toMatch(
      /instance\.exec +\S+ +token:tok_local +command=echo three execId=\w+ exitCode=0/,
    );
    expect(
      JSON.parse(await stack.run(["compute", "events", changed, "--limit", "1", "--json"])),
    ).toMatchObject([{ action: "instance.exec", detail: { command: "echo three", exitCode: 0 } }]);
  });

  it("is verified: every chain recomputed, and held by a signature", async () => {
    const { code, stdout, stderr } = await stack.cli(["audit", "verify"]);
    expect(code).toBe(0);
    for (const chain of [ACCOUNT, changed, shortened, swapped]) {
      expect(stdout).toMatch(new RegExp(`^✓ ${chain}  ok: \\d+ events, signed up to event \\d+$`, "m"));
    }
    expect(stderr).toMatch(/\d+ events in 4 chains are as they were written/);
  });
});

describe("a database file that was edited", () => {
  let before: Record<string, AuditEvent[]>;

  beforeAll(async () => {
    before = Object.fromEntries(
      await Promise.all(
        [ACCOUNT, changed, shortened, swapped].map(async (chain) => [chain, await eventsOf(chain)] as const),
      ),
    );
    const { state, port } = stack;
    await stack.stop();
    const records = openRecords();
    expect(() => records.exec("DELETE FROM audit_events")).toThrow("append-only");
    records.exec("DROP TRIGGER audit_is_append_only; DROP TRIGGER audit_is_never_deleted");
    records.prepare("DELETE FROM audit_events WHERE chain = ? AND seq = 2").run(ACCOUNT);
    records
      .prepare("UPDATE audit_events SET detail = replace(detail, 'echo two', 'echo 222') WHERE chain = ?")
      .run(changed);
    const { length } = before[shortened] ?? [];
    records.prepare("DELETE FROM audit_events WHERE chain = ? AND seq = ?").run(shortened, length);
    const move = records.prepare("UPDATE audit_events SET seq = ? WHERE chain = ? AND seq = ?");
    for (const [to, from] of [
      [-1, 2],
      [2, 3],
      [3, -1],
    ] as const) {
      move.run(to, swapped, from);
    }
    records.close();
    stack = await Stack.start({ state, port });
  });

  const place = (chain: string, find: (event: AuditEvent) => boolean) =>
    before[chain]?.find(find) as AuditEvent;

  it("is found out, and exactly the event that was changed, taken out or moved is named", async () => {
    const { code, ok, chains } = await verify();
    expect([code, ok]).toEqual([1, false]);
    const two = place(changed, ({ detail }) => detail?.command === "echo two");
    const end = before[shortened]?.at(-1) as AuditEvent;
    const third = place(swapped, ({ seq }) => seq === 3);
    const findingOf = (chain: string) => chains.find((report) => report.chain === chain)?.finding;
    expect(findingOf(ACCOUNT)).toMatchObject({ kind: "missing", seq: 2, message: "event 2 is missing" });
    expect(findingOf(changed)).toMatchObject({ kind: "changed", seq: two.seq, eventId: two.id });
    expect(findingOf(shortened)).toMatchObject({
      kind: "missing",
      seq: end.seq,
      message: `event ${end.seq} is missing`,
    });
    expect(findingOf(swapped)).toMatchObject({ kind: "out_of_order", seq: 2, eventId: third.id });
  });

  it("is told to a person in so many words", async () => {
    const { code, stdout, stderr } = await stack.cli(["audit", "verify"]);
    expect(code).toBe(1);
    expect(stdout).toContain(`✗ ${ACCOUNT}  missing: event 2 is missing`);
    expect(stdout).toMatch(
      new RegExp(`✗ ${changed}  changed: event \\d+ \\(aud_.*, instance.exec at .*was changed`),
    );
    expect(stderr).toContain("4 of 4 chains are not as they were written");
  });
});
