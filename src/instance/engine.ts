import { type Actor, formatActor } from "../audit/actor.ts";
import { linkEntry } from "../audit/chain.ts";
import { type AuditAction, auditEntry } from "../audit/entry.ts";
import { backoffMs } from "../backoff.ts";
import type { Work } from "./activity.ts";
import { type Action, CALL_PATIENCE_MS, CHECK_EVERY_MS, decide } from "./decide.ts";
import { changeTime, nextPeriod } from "./periods.ts";
import { firstStep } from "./plan.ts";
import type { Desired, InstanceRecord, Job, Problem, View } from "./record.ts";
import { passDue, wakeDue } from "./schedule.ts";
import { canTransition, meterOf, type State } from "./states.ts";
import type { InstanceStore } from "./store.ts";
import type { Transfer } from "./transfer.ts";

export interface Cause {
  actor: Actor;
  /** Whose command it is: carried out only while the instance is theirs. The system's own have none. */
  accountId?: string;
  requestId?: string;
}

const IDLE: Cause = { actor: { type: "system", id: "idle" } };
const SCHEDULE: Cause = { actor: { type: "system", id: "schedule" } };
const PROVISIONING: Cause = { actor: { type: "system", id: "provisioning" } };
/** A round of decisions is at most a handful of moves; more means that two rules disagree for ever. */
const MAX_ROUNDS = 12;

/**
 * One change of an instance, inside one storage transaction: it holds the view, performs actions on it, and writes what
 * came of it (record, periods, outbox) through the store. It decides nothing itself.
 */
export class Change {
  readonly store: InstanceStore;
  private readonly now: number;
  private readonly before: InstanceRecord | undefined;
  private view: View;
  private visible = false;

  /** `isNew`: the view has never been written. */
  constructor(store: InstanceStore, view: View, now: number, isNew = false) {
    this.store = store;
    this.view = view;
    this.before = isNew ? undefined : view.record;
    this.now = now;
  }

  get record(): InstanceRecord {
    return this.view.record;
  }

  get state(): State {
    return this.view.state;
  }

  /** What lists and the edge show has changed, so the projection follows. */
  show(): void {
    this.visible = true;
  }

  update(patch: Partial<InstanceRecord>): void {
    const { pendingRecipe, refs } = this.view.record;
    this.view = { ...this.view, record: { ...this.view.record, ...patch } };
    const isMoved = this.record.refs.place !== refs.place || this.record.refs.machine !== refs.machine;
    if (isMoved || this.record.pendingRecipe !== pendingRecipe) {
      this.show();
    }
  }

  /** The next event of the instance's chain, on the owner's side or on the one named. */
  audit(
    action: AuditAction,
    cause: Cause,
    detail?: Record<string, unknown>,
    accountId = this.record.accountId,
  ): void {
    const entry = auditEntry({
      accountId,
      instanceId: this.record.id,
      actor: cause.actor,
      action,
      target: this.record.id,
      at: this.now,
      requestId: cause.requestId,
      detail,
    });
    this.store.appendAudit(linkEntry(entry, this.record.id, this.store.auditHead()), this.now);
  }

  putTransfer(transfer: Transfer): void {
    this.store.putTransfer(transfer);
    this.store.putOutbox(transfer.id, { kind: "transfer", id: transfer.id }, this.now);
  }

  /** Somebody works on it; @returns until when that counts without another word. */
  beginWork({ id, reason, ms }: Work): number {
    this.forgetWork(undefined);
    const until = this.now + ms;
    this.store.putWork(id, { reason, until });
    this.readWork();
    return until;
  }

  endWork(id: string): void {
    this.forgetWork(id);
    this.readWork();
  }

  /** Drops this one and what is over. When the last of it was over, idleness began. */
  private forgetWork(id: string | undefined): void {
    const ended = this.store.dropWork(id, this.now);
    const last = ended.toSorted((a, b) => b.until - a.until)[0];
    if (last) {
      const activeAt = Math.max(this.record.activeAt, Math.min(last.until, this.now));
      this.update({ activeAt, lastWork: last.reason });
    }
  }

  private readWork(): void {
    this.view = { ...this.view, work: this.store.longestWork() };
  }

  begin(goal: Job["goal"]): void {
    this.update({
      job: {
        goal,
        step: firstStep(goal, this.record),
        attempts: 0,
        startedAt: this.now,
        dueAt: this.now,
        calledUntil: 0,
        lease: null,
        note: null,
        failure: null,
      },
    });
  }

  /** After a new generation: whoever was at the job is sent away, and it is begun again. Every step bears that. */
  restartJob(): void {
    if (this.record.job) {
      this.begin(this.record.job.goal);
    }
  }

  transition(
    to: State,
    how: { reason: string; problem?: Problem | null; desired?: Desired; cause?: Cause },
  ): void {
    const from = this.state;
    if (!canTransition(from, to)) {
      throw new Error(`illegal transition ${from} → ${to}`);
    }
    const cause = how.cause ?? PROVISIONING;
    this.update({
      problem: how.problem ?? null,
      desired: how.desired ?? this.record.desired,
      foundWork: null,
      lastWork: null,
      checkAt: this.now + CHECK_EVERY_MS,
      ...(to === "deleted" ? { deletedAt: this.now } : {}),
      ...(to === "suspended" ? { lastSuspend: { at: this.now, outcome: "suspended" as const } } : {}),
    });
    this.recordPeriod(to, how.reason, cause);
    this.audit("instance.state", cause, { from, to, reason: how.reason });
    this.show();
  }

  /** Closes the open period and opens the next one, where state or meter changed. */
  recordPeriod(state: State, reason: string, cause: Cause = PROVISIONING): void {
    const open = this.store.openPeriod();
    const meter = meterOf({
      observed: this.record.observed,
      hasVolume: this.record.refs.volume !== undefined,
    });
    // Only a change of meter is the machine's doing, so only there the vendor's clock counts.
    const vendorTime = open && open.meter !== meter ? this.record.observed?.since : undefined;
    const at = changeTime(open, vendorTime, this.now);
    const next = nextPeriod(open, {
      accountId: this.record.accountId,
      state,
      meter,
      spec: this.record.spec,
      startedAt: at,
      generation: this.record.generation,
      reason,
      actor: formatActor(cause.actor),
    });
    if (next) {
      if (open) {
        this.store.closePeriod(open.seq, at);
        this.store.putOutbox(String(open.seq), { kind: "period", seq: open.seq }, this.now);
      }
      this.store.insertPeriod(next);
      this.store.putOutbox(String(next.seq), { kind: "period", seq: next.seq }, this.now);
    }
    const goesOn = this.view.state === state && open?.accountId === this.record.accountId;
    this.view = { ...this.view, state, since: goesOn ? this.view.since : at };
  }

  /**
   * Decides and performs until there is nothing left but waiting, then writes.
   * @returns when the object wants to be woken, in epoch milliseconds.
   */
  settle(): number | undefined {
    let wakeAt: number | undefined;
    for (let round = 0; ; round++) {
      if (round === MAX_ROUNDS) {
        throw new Error(`decisions do not settle in state ${this.state}, goal ${this.record.job?.goal}`);
      }
      const actions = decide(this.view, this.now);
      const waits = actions.filter((action) => action.type === "wait").map((action) => action.until);
      const moves = actions.filter((action) => action.type !== "wait");
      moves.forEach((action) => {
        this.perform(action);
      });
      if (moves.length === 0) {
        wakeAt = waits.length === 0 ? undefined : Math.min(...waits);
        break;
      }
    }
    this.write();
    const times = [wakeAt, this.store.openTransfer()?.expiresAt].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  private write(): void {
    if (this.record === this.before) {
      return;
    }
    this.update({
      version: this.record.version + 1,
      updatedAt: this.visible ? this.now : this.record.updatedAt,
    });
    this.store.writeRecord(this.record);
    if (this.visible) {
      this.store.putOutbox(this.record.id, { kind: "instance" }, this.now);
    }
  }

  private perform(action: Exclude<Action, { type: "wait" }>): void {
    switch (action.type) {
      case "transition":
        this.transition(action.to, action);
        break;
      case "begin":
        this.begin(action.goal);
        break;
      case "finish":
        // A look that did not end in sleep is as good as a use: the next one is a timeout away.
        this.update({ job: null, ...(this.record.job?.goal === "idle" ? { activeAt: this.now } : {}) });
        break;
      case "persist":
        this.persist(action.afterMs);
        break;
      case "fallback":
        this.update({ lastSuspend: { at: this.now, outcome: "stopped", reason: action.reason } });
        break;
      case "doze":
        this.doze(action.reason);
        break;
      case "rouse":
        this.rouse(action.reason);
        break;
      case "pass":
        this.passSchedule(action.missed);
        break;
      case "call":
        this.call(action.at);
        break;
      default:
        action satisfies never;
    }
  }

  private doze(reason: string): void {
    const desired = "suspended";
    this.update({ generation: this.record.generation + 1 });
    this.audit("instance.suspend", IDLE, { from: this.state, reason });
    this.transition("suspending", { reason, desired, cause: IDLE });
    this.begin("suspend");
  }

  private rouse(reason: string): void {
    const due = wakeDue(this.record);
    this.update({ generation: this.record.generation + 1, ...passDue(this.record, this.now) });
    this.audit("instance.resume", SCHEDULE, { from: this.state, reason, due });
    this.transition("starting", { reason, desired: "running", cause: SCHEDULE });
    this.begin("start");
  }

  /** One that runs at its time counts as used then, so that it does not fall asleep over what it was to be awake for. */
  private passSchedule(missed: string | undefined): void {
    const due = wakeDue(this.record);
    if (missed !== undefined) {
      this.audit("instance.wake_missed", SCHEDULE, { reason: missed, due });
    }
    const activeAt = this.state === "running" ? this.now : this.record.activeAt;
    this.update({ ...passDue(this.record, this.now), activeAt });
    this.show();
  }

  private persist(afterMs: number): void {
    const { job } = this.record;
    if (job) {
      const attempts = job.attempts + 1;
      const dueAt = this.now + Math.max(afterMs, backoffMs(attempts, 15 * 60_000));
      this.update({ job: { ...job, failure: null, attempts, dueAt } });
      this.show();
    }
  }

  private call(at: number): void {
    const { job, generation, id } = this.record;
    if (job) {
      this.update({ job: { ...job, calledUntil: at + CALL_PATIENCE_MS } });
      this.store.putOutbox(
        "call",
        { kind: "queue", message: { version: 1, instanceId: id, generation } },
        at,
      );
    }
  }
}
