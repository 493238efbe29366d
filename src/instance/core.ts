import { DurableObject } from "cloudflare:workers";
import { openDb } from "../db/client.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { type Cause, Change } from "./engine.ts";
import type { ProvisioningMessage } from "./job.ts";
import { isBorn, migrate } from "./migrations.ts";
import { drainOutbox } from "./outbox.ts";
import { type InstanceRow, markOf, projectInstance, projectNow } from "./projection.ts";
import type { View } from "./record.ts";
import { wakeDue } from "./schedule.ts";
import { InstanceStore } from "./store.ts";
import { expireOffer } from "./transfer.ts";
import { Waiters } from "./waiters.ts";

/** Late enough for an alarm that is being handled right now to set the next one itself. */
const REARM_MS = 2_000;

/** What the object does whatever it is asked: one transaction, then deliveries, the alarm, and those who wait. */
export abstract class InstanceCore extends DurableObject<Env> {
  protected readonly store = new InstanceStore(this.ctx.storage.sql);
  protected readonly waiters = new Waiters();
  private failedDrains = 0;
  private wakeAt: number | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    if (isBorn(ctx.storage.sql)) {
      migrate(ctx.storage.sql);
      ctx.waitUntil(this.rearm());
    }
  }

  override async alarm(): Promise<void> {
    this.change(() => undefined);
    await this.flush();
  }

  /** One transaction: read, change, decide, write. Undefined when there is no such instance, or it is not theirs who asked. */
  protected change<T>(apply: (change: Change, view: View) => T, cause?: Cause): T | undefined {
    const before = this.view();
    const result = this.ctx.storage.transactionSync(() => {
      const view = this.view();
      if (!view || (cause?.accountId ?? view.record.accountId) !== view.record.accountId) {
        return undefined;
      }
      const change = new Change(this.store, view, Date.now());
      expireOffer(change, Date.now());
      const value = apply(change, view);
      this.wakeAt = change.settle();
      return { value };
    });
    const after = this.view();
    if (after?.state !== before?.state || after?.record.accountId !== before?.record.accountId) {
      logEvent("instance.state", { instanceId: this.ctx.id.name, from: before?.state, to: after?.state });
    }
    const now = Date.now();
    if (before && after && markOf(projectNow(before, now)) !== markOf(projectNow(after, now))) {
      this.waiters.wake();
    }
    return result?.value;
  }

  protected view(): View | undefined {
    return isBorn(this.ctx.storage.sql) ? this.store.readView() : undefined;
  }

  protected row(): InstanceRow {
    const view = this.view();
    if (!view) {
      throw new Error("the instance was created a moment ago and is not there");
    }
    return projectInstance(view);
  }

  /** Delivers the outbox and sets the alarm. Never fails the caller: what did not leave now leaves by alarm. */
  protected async flush(): Promise<void> {
    if (!isBorn(this.ctx.storage.sql)) {
      return;
    }
    await this.arm();
    const delivered = await drainOutbox(
      {
        store: this.store,
        db: openDb(this.env.DB),
        now: Date.now,
        enqueue: async (message) => {
          await this.queue().send(message, { contentType: "json" });
        },
      },
      this.failedDrains + 1,
    );
    this.failedDrains = delivered ? 0 : this.failedDrains + 1;
    await this.arm();
  }

  /** Each provider has its own, so that one vendor's outage holds up nobody else. */
  private queue(): Queue<ProvisioningMessage> {
    const { FLY_QUEUE, HETZNER_QUEUE, DAYTONA_QUEUE } = this.env;
    const { provider } = this.row();
    return { fly: FLY_QUEUE, hetzner: HETZNER_QUEUE, daytona: DAYTONA_QUEUE }[provider];
  }

  private async arm(): Promise<void> {
    const times = [this.wakeAt, this.store.nextOutboxDue()].filter((time) => time !== undefined);
    if (times.length > 0) {
      await this.ctx.storage.setAlarm(Math.max(Math.min(...times), Date.now()));
    }
  }

  /** A missing or past-due alarm cannot be trusted to fire by itself after a crash. */
  private async rearm(): Promise<void> {
    const view = this.view();
    const isAwaited = this.store.nextOutboxDue() !== undefined || this.store.openTransfer() !== undefined;
    const isScheduled = view !== undefined && view.state !== "deleted" && wakeDue(view.record) !== undefined;
    const isBusy = view?.record.job || view?.state === "running" || isAwaited || isScheduled;
    const alarm = await this.ctx.storage.getAlarm();
    if (isBusy && (alarm === null || alarm < Date.now())) {
      await this.ctx.storage.setAlarm(Date.now() + REARM_MS);
    }
  }
}
