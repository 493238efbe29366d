import type { Cause, Change } from "./engine.ts";
import { findUnsettled } from "./rotate.ts";

export const TRANSFER_STATES = ["offered", "accepted", "declined", "cancelled", "expired"] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

/** An offer of the instance, and what became of it. At most one is open. */
export interface Transfer {
  id: string;
  fromAccount: string;
  /** As it was named, in lower case: an account's id, or its address. */
  receiver: string;
  /** Whose it became. */
  toAccount: string | null;
  state: TransferState;
  createdAt: number;
  expiresAt: number;
  decidedAt: number | null;
}

/** Who decides, and by which names offers reach them. */
export interface Party {
  accountId: string;
  names: string[];
}

/** What the instance becomes at the moment of acceptance. */
export interface Handover {
  /** The name that the recipe was rendered next to; with another one it is rendered again. */
  from: string;
  subdomain: string;
  recipe: { sealedRecipe: string; sealedInputs: string };
  lacksModelKey: boolean;
}

export type TransferCommand =
  | { type: "offer"; id: string; receiver: string; expiresAt: number }
  /** Without what it becomes, it only tells what became of the offer. */
  | { type: "accept"; id: string; party: Party; handover: Handover | undefined }
  | { type: "decline"; id: string; party: Party }
  | { type: "cancel"; id: string; party: Party };

export type TransferVerdict =
  | { type: "accepted"; transfer: Transfer }
  /** It was so already. */
  | { type: "settled"; transfer: Transfer }
  | { type: "stale" }
  /** Nothing of this id that concerns them. */
  | { type: "unknown" }
  | { type: "conflict"; message: string; hint: string };

/** One of accept, decline, cancel and expire wins: each finds the offer as the one before left it. */
export function transfer(
  change: Change,
  command: TransferCommand,
  cause: Cause,
  now: number,
): TransferVerdict {
  switch (command.type) {
    case "offer":
      return offer(change, command, cause, now);
    case "accept":
      return accept(change, command, cause, now);
    case "decline":
    case "cancel":
      return refuse(change, command, cause, now);
    default:
      return command satisfies never;
  }
}

/** What expires does so before anything else is looked at. */
export function expireOffer(change: Change, now: number): void {
  const open = change.store.openTransfer();
  if (open && open.expiresAt <= now) {
    close(change, open, "expired", now);
    change.audit("transfer.expire", { actor: { type: "system", id: "expiry" } }, { transfer: open.id });
  }
}

/** With the instance goes what was offered of it. */
export function withdrawOffer(change: Change, cause: Cause, now: number): void {
  const open = change.store.openTransfer();
  if (open) {
    close(change, open, "cancelled", now);
    change.audit("transfer.cancel", cause, { transfer: open.id });
  }
}

function offer(
  change: Change,
  { id, receiver, expiresAt }: Extract<TransferCommand, { type: "offer" }>,
  cause: Cause,
  now: number,
): TransferVerdict {
  if (change.record.accountId !== cause.accountId) {
    return { type: "unknown" };
  }
  const known = change.store.transfer(id);
  if (known) {
    return { type: "settled", transfer: known };
  }
  const refusal = findUnmovable(change);
  if (refusal) {
    return refusal;
  }
  const open = change.store.openTransfer();
  if (open) {
    return {
      type: "conflict",
      message: "The instance is on offer already.",
      hint: `Withdraw that offer first: gentity transfers cancel ${open.id}`,
    };
  }
  const made: Transfer = {
    id,
    fromAccount: change.record.accountId,
    receiver,
    toAccount: null,
    state: "offered",
    createdAt: now,
    expiresAt,
    decidedAt: null,
  };
  change.putTransfer(made);
  change.audit("transfer.offer", cause, { transfer: id, receiver });
  return { type: "accepted", transfer: made };
}

function refuse(
  change: Change,
  { type, id, party }: Extract<TransferCommand, { type: "decline" | "cancel" }>,
  cause: Cause,
  now: number,
): TransferVerdict {
  const known = change.store.transfer(id);
  const isTheirs = type === "cancel" ? known?.fromAccount === party.accountId : isReceiver(known, party);
  if (!known || !isTheirs) {
    return { type: "unknown" };
  }
  const wanted = type === "cancel" ? "cancelled" : "declined";
  if (known.state !== "offered") {
    return known.state === wanted ? { type: "settled", transfer: known } : decided(known);
  }
  const closed = close(change, known, wanted, now);
  change.audit(
    `transfer.${type}`,
    type === "cancel" ? cause : seenFrom(party),
    { transfer: id },
    known.fromAccount,
  );
  // The chain is the owner's: who declined has an event of their own, on their account's (services/transfers/decide.ts).
  return { type: "accepted", transfer: closed };
}

/**
 * The one instant. In this transaction the source's period ends and the receiver's begins, the name and the settings
 * change, and every report of before is too late. All that must still leave (records, the machine's new settings) follows
 * from what is written here.
 */
function accept(
  change: Change,
  { id, party, handover }: Extract<TransferCommand, { type: "accept" }>,
  cause: Cause,
  now: number,
): TransferVerdict {
  const known = change.store.transfer(id);
  if (!known || !isReceiver(known, party)) {
    return { type: "unknown" };
  }
  if (known.state !== "offered") {
    const isDone = known.state === "accepted" && known.toAccount === party.accountId;
    return isDone ? { type: "settled", transfer: known } : decided(known);
  }
  const refusal = findUnmovable(change);
  if (refusal) {
    return refusal;
  }
  if (!handover || change.record.subdomain !== handover.from) {
    return { type: "stale" };
  }
  const source = change.record.accountId;
  const closed = close(change, { ...known, toAccount: party.accountId }, "accepted", now);
  change.audit("transfer.accept", seenFrom(party), { transfer: id, to: party.accountId }, source);
  change.update({
    accountId: party.accountId,
    subdomain: handover.subdomain,
    ...handover.recipe,
    lacksModelKey: handover.lacksModelKey,
    pendingRecipe: change.record.refs.machine === undefined ? null : "key",
    labels: {},
    idleTimeoutSeconds: null,
    wakeAt: null,
    workspaceId: null,
    generation: change.record.generation + 1,
    job: null,
  });
  change.store.dropTickets();
  change.store.dropAllWork();
  change.audit("transfer.accept", cause, { transfer: id, from: source }, party.accountId);
  settleMachine(change, cause);
  change.show();
  return { type: "accepted", transfer: closed };
}

/**
 * What ran for the source ends. A running machine is restarted, and gets its settings while it is down. A suspended one
 * loses its memory, which holds the source's key, and stays stopped.
 */
function settleMachine(change: Change, cause: Cause): void {
  const { state } = change;
  if (state === "running" || state === "suspended") {
    const desired = state === "running" ? "running" : "stopped";
    change.transition("stopping", { reason: "transferred", desired, cause });
    change.begin("stop");
  } else {
    change.recordPeriod(state, "transferred", cause);
  }
}

function findUnmovable(change: Change): Extract<TransferVerdict, { type: "conflict" }> | undefined {
  const unsettled = findUnsettled(change, "it cannot be transferred");
  if (unsettled?.type === "conflict") {
    return unsettled;
  }
  return change.record.refs.machine === undefined
    ? {
        type: "conflict",
        message: "The instance has no machine, so there is nothing to transfer.",
        hint: "Delete it and create it again.",
      }
    : undefined;
}

function close(change: Change, open: Transfer, state: TransferState, now: number): Transfer {
  const closed = { ...open, state, decidedAt: now };
  change.putTransfer(closed);
  return closed;
}

function isReceiver(known: Transfer | undefined, party: Party): boolean {
  return known !== undefined && party.names.includes(known.receiver);
}

/** The other side learns which account decided, and not by which of its tokens. */
function seenFrom(party: Party): Cause {
  return { actor: { type: "user", id: party.accountId } };
}

function decided({ state }: Transfer): TransferVerdict {
  return {
    type: "conflict",
    message: `The transfer is ${state} already.`,
    hint: "See all of yours with: gentity transfers list",
  };
}
