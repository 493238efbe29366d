import { hashToken } from "../auth/tokens.ts";
import type { Outcome } from "../providers/provider.ts";
import { VISIT, type Work } from "./activity.ts";
import {
  type AuditHead,
  type Basis,
  basisOf,
  bornRecord,
  briefOf,
  type CreateCommand,
  type Details,
  type Directive,
  type HoldVerdict,
  type HostBrief,
  type IntentResult,
  type PatchCommand,
  type PeriodChange,
  type RotateCommand,
  type Sight,
  type Use,
} from "./contract.ts";
import { InstanceCore } from "./core.ts";
import { CHECK_EVERY_MS } from "./decide.ts";
import { direct } from "./direct.ts";
import { type Cause, Change } from "./engine.ts";
import { HOLD, hold } from "./hold.ts";
import { type Intent, judge } from "./intents.ts";
import { isBorn, migrate } from "./migrations.ts";
import type { PlanStep } from "./plan.ts";
import { type InstanceNow, type InstanceRow, markOf, projectNow } from "./projection.ts";
import type { View } from "./record.ts";
import { applyOutcome, type Fence, isCurrent, reasonOf, type StepReport } from "./report.ts";
import { type RotateVerdict, rotate } from "./rotate.ts";
import { nextRun } from "./schedule.ts";
import { isTransitional, type State } from "./states.ts";
import type { TicketGrant } from "./store.ts";
import { type TransferCommand, type TransferVerdict, transfer, withdrawOffer } from "./transfer.ts";

/** Many requests may be refused at once; the vendor is asked no more often than this. */
const DOUBT_EVERY_MS = 5_000;

/**
 * One instance. Its duties:
 * 1. It is the only writer of the instance's state: every change is one storage transaction.
 * 2. It fences: reports of an older generation, or of a job that is over, are dropped.
 * 3. It remembers what must leave (queue calls, D1 records) in an outbox, and delivers it at least once.
 * 4. Its one alarm is the earliest of all deadlines, leases, checks and deliveries.
 * 5. It keeps the end of the instance's chain of audit events, and adds to it in the transaction of what it tells of.
 * 6. It tells those who wait when its state changed.
 * It never calls a vendor, and a request for a made-up id leaves nothing behind.
 */
export class InstanceObject extends InstanceCore {
  /** Makes the instance, or finds that it was made already: the same command again changes nothing. */
  async create(command: CreateCommand): Promise<InstanceRow> {
    const now = Date.now();
    this.ctx.storage.transactionSync(() => {
      if (isBorn(this.ctx.storage.sql)) {
        return;
      }
      migrate(this.ctx.storage.sql);
      const view: View = { record: bornRecord(command, now), state: "creating", since: now };
      const change = new Change(this.store, view, now, true);
      change.recordPeriod("creating", "created", command.cause);
      change.begin("create");
      change.show();
      change.settle();
    });
    await this.flush();
    return this.row();
  }

  /** The instance as it is now; undefined when there is none of this id. */
  async get(): Promise<InstanceNow | undefined> {
    const view = this.view();
    return view && projectNow(view, Date.now());
  }

  /**
   * Somebody of this account begins to work on the machine, or goes on: it is not put to sleep before they say that it is over,
   * or it was not said again in time. @returns the instance as it is now, whosever it is.
   */
  async beginWork(accountId: string, work: Work): Promise<InstanceNow | undefined> {
    this.change((change) => change.beginWork(work), { actor: { type: "system", id: "work" }, accountId });
    await this.flush();
    return this.get();
  }

  async endWork(id: string): Promise<void> {
    this.change((change) => change.endWork(id));
    await this.flush();
  }

  /**
   * Somebody asks for its URL. Where nothing puts it to sleep this is nobody's concern.
   * @returns its state, since it may have begun to fall asleep a moment before.
   */
  async visited(): Promise<State | undefined> {
    this.change((change) => {
      if (change.record.idleTimeoutSeconds !== null) {
        change.beginWork(VISIT);
      }
    });
    await this.flush();
    return this.view()?.state;
  }

  /** Keeps it awake for so long; none lets it go. Undefined when there is none of this id, or it is not theirs who asked. */
  async hold(seconds: number, reason: string, cause: Cause): Promise<HoldVerdict | undefined> {
    const done = this.change((change) => ({ refusal: hold(change, { seconds, reason }, cause) }), cause);
    await this.flush();
    const now = await this.get();
    return done && now && (done.refusal ?? { type: "accepted", now });
  }

  /** Asks for a change of state. Refused with the current state when another change is on its way. */
  async intend(intent: Intent, cause: Cause): Promise<IntentResult> {
    const result = this.change((change, view): IntentResult => {
      const verdict = judge(view, intent);
      if (verdict.type === "accepted") {
        change.update({ generation: view.record.generation + 1, desired: verdict.desired });
        change.audit(`instance.${intent}`, cause, { from: view.state });
        change.transition(verdict.to, { reason: intent, desired: verdict.desired, cause });
        change.begin(verdict.goal);
        if (intent === "delete") {
          withdrawOffer(change, cause, Date.now());
        }
      }
      return { verdict, generation: change.record.generation };
    }, cause);
    await this.flush();
    return result ?? { verdict: { type: "unknown" }, generation: 0 };
  }

  async patch(patch: PatchCommand, cause: Cause): Promise<InstanceNow | undefined> {
    this.change((change, { record }) => {
      const before = Object.fromEntries(
        Object.keys(patch).map((key) => [key, record[key as keyof PatchCommand]]),
      );
      change.update(patch);
      if (patch.wakeCron !== undefined) {
        change.update({ cronAt: patch.wakeCron === null ? null : nextRun(patch.wakeCron, Date.now()) });
      }
      change.audit("instance.update", cause, { before, after: patch });
      change.show();
    }, cause);
    await this.flush();
    return this.get();
  }

  /** Writes down that the machine was used. */
  async recordUse({ action, cause, detail }: Use): Promise<void> {
    this.change((change) => {
      change.audit(action, cause, detail);
    });
    await this.flush();
  }

  /** The end of its chain of audit events, after it tried to deliver them all; undefined when there is no instance. */
  async auditHead(): Promise<AuditHead | undefined> {
    await this.flush();
    const view = this.view();
    return (
      view && {
        ...this.store.auditHead(),
        accountId: view.record.accountId,
        isDelivered: !this.store.hasUndeliveredAudit(),
      }
    );
  }

  /** What it is rendered from; undefined when there is none of this id, or it is not this account's. */
  async basis(accountId: string): Promise<Basis | undefined> {
    const view = this.view();
    return view?.record.accountId === accountId ? basisOf(view) : undefined;
  }

  /** All that its owner's page shows; undefined when there is none of this id, or it is not this account's. */
  async details(accountId: string): Promise<Details | undefined> {
    const view = this.view();
    if (view?.record.accountId !== accountId) {
      return undefined;
    }
    const now = Date.now();
    const held = this.store.work(HOLD);
    return {
      now: projectNow(view, now),
      sealedInputs: view.record.sealedInputs,
      hold: held && held.until > now ? held : null,
      offer: this.store.openTransfer() ?? null,
    };
  }

  /** What the host program on its server is to do; undefined when there is none of this id, or it has no such server. */
  async hostBrief(): Promise<HostBrief | undefined> {
    const view = this.view();
    return view && briefOf(view);
  }

  /** Moves to a new name. Undefined when there is none of this id, or it is not theirs who asked. */
  async rotate(command: RotateCommand, cause: Cause): Promise<RotateVerdict | undefined> {
    const verdict = this.change((change) => rotate(change, command, cause), cause);
    await this.flush();
    return verdict;
  }

  /** Writes its record to D1 again. @returns whether there is an instance at all. */
  async project(): Promise<boolean> {
    const born = this.change((change) => {
      change.show();
      // A new version, or the record would not overwrite the row.
      change.update({});
      return true;
    });
    await this.flush();
    return born ?? false;
  }

  /** Offers the instance to somebody, or decides an offer of it. Undefined when there is no instance of this id. */
  async transfer(command: TransferCommand, cause: Cause): Promise<TransferVerdict | undefined> {
    const verdict = this.change((change) => transfer(change, command, cause, Date.now()));
    await this.flush();
    return verdict;
  }

  /** Resolves once it is no longer this account's, or after `timeoutMs`. @returns whether it still is. */
  async isStillOf(accountId: string, timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (this.view()?.record.accountId === accountId && Date.now() < deadline) {
      await this.waiters.changed(deadline - Date.now());
    }
    return this.view()?.record.accountId === accountId;
  }

  /** A driver asks what to do. It gets one step and a lease, or is told why there is none. */
  async next(driver: string): Promise<Directive> {
    return this.change((change) => direct(change, driver, Date.now())) ?? { type: "idle" };
  }

  /** A driver tells what came of its step, and is told the next one. */
  async report(
    driver: string,
    fence: Fence,
    step: PlanStep,
    outcome: Outcome<StepReport>,
  ): Promise<Directive> {
    const directive = this.change((change, view): Directive => {
      if (!isCurrent(view.record, fence)) {
        return { type: "idle" };
      }
      const next = applyOutcome(view.record, { step, outcome }, Date.now());
      change.update(next);
      change.settle();
      change.recordPeriod(change.state, reasonOf(step, next.observed));
      return direct(change, driver, Date.now());
    });
    // Between steps the next vendor call is worth more than the records; they leave at the latest by alarm.
    if (directive?.type === "step") {
      this.ctx.waitUntil(this.flush());
    } else {
      await this.flush();
    }
    return directive ?? { type: "idle" };
  }

  /** The driver leaves; the next one is called for when the work is due. */
  async release(driver: string): Promise<void> {
    this.change((change) => {
      const { job } = change.record;
      if (job?.lease?.driver === driver) {
        change.update({ job: { ...job, lease: null, calledUntil: 0 } });
      }
    });
    await this.flush();
  }

  /** The queue gave up on a message: if it is still about the current job, that job has failed. */
  async abandon(generation: number, reason: string): Promise<void> {
    this.change((change) => {
      const { job, generation: current } = change.record;
      if (job && current === generation) {
        const hint = "Try again; if it goes on, tell the operator the request id.";
        change.update({
          job: { ...job, lease: null, failure: { code: "provisioning_failed", message: reason, hint } },
        });
        change.show();
      }
    });
    await this.flush();
  }

  /** A request to a running instance was refused by its machine: look at once, not at the next check. */
  async doubt(): Promise<void> {
    this.change((change) => {
      const lastLook = change.record.checkAt - CHECK_EVERY_MS;
      if (change.state === "running" && !change.record.job && Date.now() - lastLook > DOUBT_EVERY_MS) {
        change.update({ checkAt: Date.now() });
      }
    });
    await this.flush();
  }

  /** The vendor's own list disagrees with the records: look at the machine, whatever it is at rest in. */
  async look(): Promise<void> {
    this.change((change) => {
      const { job, refs } = change.record;
      const isAtRest = ["running", "stopped", "suspended", "error"].includes(change.state);
      if (isAtRest && !job && refs.machine !== undefined) {
        change.begin("check");
      }
    });
    await this.flush();
  }

  /** A terminal may be opened with this, once, until it expires. Only its hash is kept. */
  async keepTicket(ticket: string, grant: TicketGrant): Promise<void> {
    if (this.view()) {
      this.store.putTicket(await hashToken(ticket), grant);
    }
  }

  /** Who may open a terminal with this; undefined when it was used, has expired, or never was. */
  async takeTicket(ticket: string): Promise<TicketGrant | undefined> {
    return this.view() && this.store.takeTicket(await hashToken(ticket), Date.now());
  }

  /** The instance once it has come to rest, or as it is after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<InstanceNow | undefined> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const view = this.view();
      if (!view || !isTransitional(view.state) || Date.now() >= deadline) {
        // The list is to have caught up before the one who waited is answered.
        await this.flush();
        return view && projectNow(view, Date.now());
      }
      await this.waiters.changed(deadline - Date.now());
    }
  }

  /**
   * An account's state periods after `seq` (without: the open one), at once when there are any, else when one opens, else
   * none after `timeoutMs`. Undefined once the instance is not theirs.
   */
  async periodsOf(
    accountId: string,
    seq: number | undefined,
    timeoutMs: number,
  ): Promise<PeriodChange[] | undefined> {
    const view = this.view();
    if (view?.record.accountId !== accountId) {
      return undefined;
    }
    const open = this.store.openPeriod();
    const found = seq === undefined ? (open ? [open] : []) : this.store.periodsAfter(accountId, seq, 100);
    if (found.length > 0 || timeoutMs <= 0) {
      return found.map((period) => ({ ...period, problem: view.record.problem }));
    }
    const deadline = Date.now() + timeoutMs;
    await this.waiters.changed(timeoutMs);
    // Whoever waits is woken by more than a new period.
    return this.periodsOf(accountId, seq, deadline - Date.now());
  }

  /**
   * An account's instance as soon as it is no longer what `mark` stands for (without: at once), or as it is after `timeoutMs`.
   * Undefined once it is not theirs.
   */
  async seenBy(accountId: string, mark: string | undefined, timeoutMs: number): Promise<Sight | undefined> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const now = await this.get();
      if (now?.accountId !== accountId) {
        return undefined;
      }
      const current = markOf(now);
      if (current !== mark || Date.now() >= deadline) {
        return { now, mark: current };
      }
      await this.waiters.changed(deadline - Date.now());
    }
  }
}
