import { describe, expect, it } from "vitest";
import { publicKeys } from "../auth/signing-keys.ts";
import { canonicalJson as sdkCanonicalJson, hashEvent as sdkHashEvent } from "../sdk/audit/chain.ts";
import { verifyChains } from "../sdk/audit/verify.ts";
import type { AuditEvent, AuditHead } from "../sdk/types.ts";
import { type ChainedEntry, canonicalJson, GENESIS, hashEvent, linkEntry } from "./chain.ts";
import { auditEntry } from "./entry.ts";
import { signHead } from "./keys.ts";

const RING = [{ id: "k1", seed: new Uint8Array(32).fill(7) }];
const CHAIN = "cmp01chain";

/** A chain of `count` events, as its writer makes it. */
function aChain(count: number, chain = CHAIN): ChainedEntry[] {
  const events: ChainedEntry[] = [];
  for (let at = 1; at <= count; at++) {
    const entry = auditEntry({
      accountId: "acc_1",
      instanceId: chain,
      actor: { type: "token", id: "tok_1" },
      action: "instance.exec",
      target: chain,
      at: 1_763_600_000_000 + at,
      requestId: `req_${at}`,
      detail: {
        command: `echo ${at} "ü" 🦀`,
        exitCode: at,
        nothing: undefined,
        nested: { b: [1, null], a: 0.5 },
      },
    });
    events.push(linkEntry(entry, chain, events.at(-1) ?? GENESIS));
  }
  return events;
}

/** As the API sends it. */
function wire(event: ChainedEntry): AuditEvent {
  return JSON.parse(JSON.stringify({ ...event, at: new Date(event.at).toISOString() }));
}

async function signed(event: ChainedEntry, ring = RING): Promise<AuditHead> {
  const { chain, accountId, seq, hash } = event;
  const signedAt = new Date(event.at).toISOString();
  const jws = await signHead(ring[0] as (typeof RING)[0], { chain, accountId, seq, hash, at: signedAt });
  return { chain, accountId, seq, hash, signedAt, jws };
}

/** What the verifier says of one chain after `tamper` had its way with its rows. */
async function findingAfter(
  tamper: (rows: AuditEvent[]) => AuditEvent[],
  heads: AuditHead[] = [],
  count = 6,
): Promise<string> {
  const events = tamper(aChain(count).map(wire));
  const keys = (await publicKeys(RING)) as { kty: string; crv: string; x: string; kid: string }[];
  const [report] = await verifyChains({ events, heads, keys });
  const finding = report?.finding;
  return finding ? `${finding.kind} ${finding.seq}: ${finding.message}` : "ok";
}

const at = (rows: AuditEvent[], seq: number) => rows.find((row) => row.seq === seq) as AuditEvent;
const without = (rows: AuditEvent[], ...seqs: number[]) => rows.filter((row) => !seqs.includes(row.seq));
async function rehashed(row: AuditEvent): Promise<AuditEvent> {
  return { ...row, hash: await sdkHashEvent(row) };
}

describe("the canonical form", () => {
  it.each<[string, unknown, string]>([
    ["sorts keys at every depth", { b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
    ["keeps the order of lists", [3, 1, { b: 1, a: 2 }], '[3,1,{"a":2,"b":1}]'],
    ["leaves out what JSON leaves out", { a: undefined, b: null }, '{"b":null}'],
    ["writes nothing as JSON does", [undefined, null], "[null,null]"],
    ["escapes as JSON does", { a: '"\n\u2028ü🦀' }, JSON.stringify({ a: '"\n\u2028ü🦀' })],
    ["survives half a character", "\ud83e", '"\\ud83e"'],
    ["writes numbers as JSON does", [1e21, 0.1, -0], "[1e+21,0.1,0]"],
  ])("%s", (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(sdkCanonicalJson(value)).toBe(text);
  });
});

describe("a chain", () => {
  it("has the same hashes on the server and at those who check", async () => {
    for (const event of aChain(3)) {
      expect(await sdkHashEvent(wire(event))).toBe(event.hash);
      expect(hashEvent(event)).toBe(event.hash);
    }
  });

  it("begins with 64 zeros and links each event to the one before", () => {
    const [first, second] = aChain(2);
    expect([first?.seq, first?.prevHash]).toEqual([1, "0".repeat(64)]);
    expect([second?.seq, second?.prevHash]).toEqual([2, first?.hash]);
  });

  it("depends on everything that an event says", () => {
    const [event] = aChain(1) as [ChainedEntry];
    const { hash, ...rest } = event;
    const others = Object.keys(rest).map((key) => hashEvent({ ...event, [key]: key === "at" ? 5 : "other" }));
    expect(new Set([hash, ...others]).size).toBe(Object.keys(rest).length + 1);
  });
});

describe("verifying", () => {
  it("finds nothing in what was not touched, in whatever order it comes", async () => {
    expect(await findingAfter((rows) => rows)).toBe("ok");
    expect(await findingAfter((rows) => rows.toReversed())).toBe("ok");
  });

  it.each<[string, Partial<AuditEvent>]>([
    ["its actor", { actor: "token:tok_2" }],
    ["its time", { at: "2026-11-20T12:00:00.000Z" }],
    ["its detail", { detail: { command: "true" } }],
    ["its account", { accountId: "acc_2" }],
    ["its hash", { hash: "f".repeat(64) }],
    ["the hash of the one before", { prevHash: "f".repeat(64) }],
  ])("names the event that was changed: %s", async (_, change) => {
    const said = await findingAfter((rows) =>
      rows.map((row) => (row.seq === 3 ? { ...row, ...change } : row)),
    );
    expect(said).toMatch(/^changed 3: event 3 \(aud_.*was changed/);
  });

  it("names the event that was changed and hashed anew", async () => {
    const rows = aChain(6).map(wire);
    const forged = await rehashed({ ...at(rows, 3), actor: "token:tok_2" });
    const said = await findingAfter(() => [...without(rows, 3), forged]);
    expect(said).toMatch(/^changed 3: event 3 .*was replaced: event 4 was made for another one/);
  });

  it.each([1, 3])("names the event that is missing: %i", async (seq) => {
    expect(await findingAfter((rows) => without(rows, seq))).toBe(`missing ${seq}: event ${seq} is missing`);
  });

  it("names all that are missing in a row", async () => {
    expect(await findingAfter((rows) => without(rows, 2, 3, 4))).toBe("missing 2: events 2 to 4 are missing");
  });

  it("names the first of two that changed places", async () => {
    const said = await findingAfter((rows) =>
      rows.map((row) => ({ ...row, seq: row.seq === 3 ? 4 : row.seq === 4 ? 3 : row.seq })),
    );
    expect(said).toMatch(/^out_of_order 3: event 3 is out of order: what stands there .*was event 4/);
  });

  it("is not fooled by a gap that was closed up", async () => {
    const closed = (rows: AuditEvent[], gone: number) =>
      without(rows, gone).map((row) => ({ ...row, seq: row.seq > gone ? row.seq - 1 : row.seq }));
    expect(await findingAfter((rows) => closed(rows, 3))).toMatch(/^out_of_order 3: .*was event 4/);
    expect(await findingAfter((rows) => closed(rows, 5))).toMatch(/^out_of_order 5: .*was event 6/);
  });

  it("lets a chain begin with the event by which the instance came from another account, and with no other", async () => {
    const chain = aChain(6);
    const head = chain[2] as ChainedEntry;
    const came = linkEntry(
      { ...(chain[3] as ChainedEntry), action: "transfer.accept" as const },
      CHAIN,
      head,
    );
    const next = linkEntry(chain[4] as ChainedEntry, CHAIN, came);
    expect(await findingAfter(() => [came, next].map(wire))).toBe("ok");
    expect(await findingAfter(() => [wire(next)])).toBe("missing 1: events 1 to 4 are missing");
    expect(await findingAfter(() => [{ ...wire(came), actor: "x" }, wire(next)])).toMatch(/^changed 4: /);
  });

  it("names one that is there twice", async () => {
    expect(await findingAfter((rows) => [...rows, at(rows, 3)])).toMatch(/^out_of_order 3: .*twice/);
  });

  it("keeps chains apart", async () => {
    const events = [...aChain(3, "cmp01a"), ...aChain(3, "cmp01b")].map(wire);
    const reports = await verifyChains({
      events: events.filter((event) => event.chain !== "cmp01b" || event.seq !== 2),
      heads: [],
      keys: [],
    });
    expect(reports.map(({ chain, finding }) => [chain, finding?.kind])).toEqual([
      ["cmp01a", undefined],
      ["cmp01b", "missing"],
    ]);
  });
});

describe("signed heads", () => {
  const chain = aChain(6);
  const rows = chain.map(wire);
  const head = (seq: number) => signed(chain[seq - 1] as ChainedEntry);

  it("hold what was signed", async () => {
    expect(await findingAfter(() => rows, [await head(2), await head(6)])).toBe("ok");
  });

  it("show that the end of a chain is missing", async () => {
    expect(await findingAfter(() => without(rows, 6), [await head(6)])).toBe("missing 6: event 6 is missing");
    expect(await findingAfter(() => [], [await head(6)])).toBe("missing 1: events 1 to 6 are missing");
  });

  it("show that a chain was made anew, and after which event", async () => {
    const forged: AuditEvent[] = rows.slice(0, 3);
    for (const row of rows.slice(3)) {
      forged.push(await rehashed({ ...row, actor: "token:tok_2", prevHash: forged.at(-1)?.hash ?? "" }));
    }
    expect(await findingAfter(() => forged)).toBe("ok");
    expect(await findingAfter(() => forged, [await head(2), await head(6)])).toMatch(
      /^head_mismatch 6: event 6 .*not the one that was signed: it, or one after event 2, was replaced/,
    );
    expect(await findingAfter(() => forged, [await head(3), await head(4)])).toMatch(
      /^head_mismatch 4: event 4 .*: it was replaced/,
    );
  });

  it("do not hold with another's signature, a changed field, or a key that is not published", async () => {
    const good = await head(6);
    const [protectedPart, payload] = good.jws.split(".");
    const other = { id: "k1", seed: new Uint8Array(32).fill(8) };
    for (const bad of [
      { ...good, jws: `${protectedPart}.${payload}.${"A".repeat(86)}` },
      { ...good, hash: "f".repeat(64) },
      { ...good, jws: "nonsense" },
      await signed(chain[5] as ChainedEntry, [other]),
      await signed(chain[5] as ChainedEntry, [{ ...other, id: "k9" }]),
    ]) {
      expect(await findingAfter(() => rows, [bad])).toMatch(/^head_invalid 6: /);
    }
  });

  it("are checked with a retired key as long as it is published", async () => {
    const ring = [{ id: "k2", seed: new Uint8Array(32).fill(9) }, ...RING];
    const keys = (await publicKeys(ring)) as { kty: string; crv: string; x: string; kid: string }[];
    const heads = [await head(3), await signed(chain[5] as ChainedEntry, ring)];
    const [report] = await verifyChains({ events: rows, heads, keys });
    expect(report).toMatchObject({ finding: null, signedSeq: 6 });
  });

  it("publish what belongs to the seed, and nothing of the seed (RFC 8032, test 1)", async () => {
    const hex = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const seed = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    expect(await publicKeys([{ id: "k", seed }])).toEqual([
      { kty: "OKP", crv: "Ed25519", x, kid: "k", alg: "EdDSA", use: "sig" },
    ]);
  });
});
