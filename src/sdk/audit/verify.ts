import type { AuditEvent, AuditHead } from "../types.ts";
import { GENESIS_HASH, hashEvent } from "./chain.ts";
import { type PublicKey, type ReadHead, readHead } from "./heads.ts";

/** What is wrong first in a chain. */
export interface AuditFinding {
  /**
   * `changed`: the event is not what it was. `missing`: it is not there. `out_of_order`: it is intact, but stands in
   * another's place. `head_mismatch`: the chain fits together, but is not the one that was signed. `head_invalid`: a
   * signature does not hold.
   */
  kind: "changed" | "missing" | "out_of_order" | "head_mismatch" | "head_invalid";
  /** The place in the chain it is about. */
  seq: number;
  /** The event that stands there, if one does. */
  eventId: string | null;
  /** A sentence for a person. */
  message: string;
}

/** What came of checking one chain. */
export interface ChainReport {
  chain: string;
  events: number;
  /** Up to this event the chain is held by a signature; 0 when nothing of it was signed. */
  signedSeq: number;
  /** `null` when all is as it was. */
  finding: AuditFinding | null;
}

/** Recomputes every chain from the events alone, and holds it against the signed heads. Sorted by chain. */
export async function verifyChains(input: {
  events: readonly AuditEvent[];
  heads: readonly AuditHead[];
  keys: readonly PublicKey[];
}): Promise<ChainReport[]> {
  const events = Map.groupBy(input.events, ({ chain }) => chain);
  const heads = Map.groupBy(input.heads, ({ chain }) => chain);
  const chains = [...new Set([...events.keys(), ...heads.keys()])].sort();
  const reports: ChainReport[] = [];
  for (const chain of chains) {
    const read = await readHeads(heads.get(chain) ?? [], input.keys);
    reports.push(await verifyChain(chain, events.get(chain) ?? [], read));
  }
  return reports;
}

type SeenHead = { head: AuditHead; read: ReadHead };

function readHeads(heads: readonly AuditHead[], keys: readonly PublicKey[]): Promise<SeenHead[]> {
  const oldestFirst = [...heads].sort((a, b) => a.seq - b.seq);
  return Promise.all(oldestFirst.map(async (head) => ({ head, read: await readHead(head, keys) })));
}

async function verifyChain(chain: string, events: AuditEvent[], heads: SeenHead[]): Promise<ChainReport> {
  const sorted = [...events].sort((a, b) => a.seq - b.seq);
  const hashes = await Promise.all(sorted.map(hashEvent));
  const signed = heads.flatMap(({ read }) => (read.ok ? [read] : []));
  const findings = [
    await findInEvents(sorted, hashes),
    findInHeads(sorted, signed),
    findInSignatures(sorted, heads),
  ].filter((finding) => finding !== null);
  findings.sort((a, b) => a.seq - b.seq);
  const finding = findings[0] ?? null;
  return { chain, events: events.length, signedSeq: signed.at(-1)?.seq ?? 0, finding };
}

/** Walks the chain from its first event: each must be there, be what its hash says, and follow from the one before. */
async function findInEvents(events: AuditEvent[], hashes: string[]): Promise<AuditFinding | null> {
  let previous: AuditEvent | undefined;
  for (const [index, event] of events.entries()) {
    const expected = (previous?.seq ?? 0) + 1;
    const isGap = event.seq > expected;
    if (isGap && !isArrival(event)) {
      return missing(expected, event.seq - 1);
    }
    if (event.hash !== hashes[index]) {
      return misplaced(event, events);
    }
    if (event.seq < expected) {
      return about("out_of_order", event, `event ${event.seq} (${event.id}) is there twice`);
    }
    if (!isGap && event.prevHash !== (previous?.hash ?? GENESIS_HASH)) {
      // Whole in itself, yet not what its successor was made for: it was changed and hashed anew.
      const changed = previous ?? event;
      return about(
        "changed",
        changed,
        `event ${changed.seq} (${nameOf(changed)}) was replaced: event ${event.seq} was made for another one`,
      );
    }
    previous = event;
  }
  return null;
}

/** What an instance did before it came to this account is its former owner's to see and to verify. */
function isArrival({ action }: AuditEvent): boolean {
  return action === "transfer.accept";
}

/** Its hash does not fit: it was changed, or it is whole and was given another's place. */
async function misplaced(event: AuditEvent, events: readonly AuditEvent[]): Promise<AuditFinding> {
  // One place more than there are events: of those that were renumbered, the last had that.
  const places = [...new Set([...events.map(({ seq }) => seq), events.length + 1])];
  for (const seq of places) {
    if ((await hashEvent({ ...event, seq })) === event.hash) {
      const what = `event ${event.seq} is out of order: what stands there (${nameOf(event)}) was event ${seq}`;
      return about("out_of_order", event, what);
    }
  }
  return about("changed", event, `event ${event.seq} (${nameOf(event)}) was changed`);
}

function findInHeads(
  events: readonly AuditEvent[],
  heads: readonly { seq: number; hash: string }[],
): AuditFinding | null {
  let proven = 0;
  for (const { seq, hash } of heads) {
    const event = events.find((candidate) => candidate.seq === seq);
    if (!event) {
      const last = events.findLast((candidate) => candidate.seq < seq)?.seq ?? 0;
      return missing(last + 1, seq);
    }
    if (event.hash !== hash) {
      const from = proven + 1 === seq ? "" : `, or one after event ${proven},`;
      const what = `event ${seq} (${nameOf(event)}) is not the one that was signed: it${from} was replaced`;
      return about("head_mismatch", event, what);
    }
    proven = seq;
  }
  return null;
}

function findInSignatures(events: readonly AuditEvent[], heads: readonly SeenHead[]): AuditFinding | null {
  for (const { head, read } of heads) {
    if (!read.ok) {
      const eventId = events.find(({ seq }) => seq === head.seq)?.id ?? null;
      const message = `the signed head at event ${head.seq} does not hold: ${read.problem}`;
      return { kind: "head_invalid", seq: head.seq, eventId, message };
    }
  }
  return null;
}

function missing(from: number, to: number): AuditFinding {
  const message = from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`;
  return { kind: "missing", seq: from, eventId: null, message };
}

function about(kind: AuditFinding["kind"], event: AuditEvent, message: string): AuditFinding {
  return { kind, seq: event.seq, eventId: event.id, message };
}

function nameOf({ id, action, at }: AuditEvent): string {
  return `${id}, ${action} at ${at}`;
}
