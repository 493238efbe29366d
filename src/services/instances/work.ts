import type { Work } from "../../instance/activity.ts";
import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { describeError, logEvent } from "../../log.ts";
import type { Ctx } from "../context.ts";
import { ownRow, resolveInstance } from "./resolve.ts";

/** How often whoever stays connected says so, and for how long that counts, in milliseconds. */
const RENEW_MS = 30_000;
export const CONNECTED_MS = 3 * RENEW_MS;

/** Looks an instance up, and keeps it from being put to sleep from this look on. */
export async function beginWork(ctx: Ctx, name: string, work: Work): Promise<InstanceRow | InstanceNow> {
  const row = await resolveInstance(ctx, name);
  const now = await instanceStub(ctx.env, row.id).beginWork(ctx.accountId, work);
  return ownRow(ctx, name, now ?? row);
}

/** Nobody waits for it; what is not ended ends by itself when its time is over. */
export function endWork(ctx: Ctx, instanceId: string, id: string): void {
  ctx.background(quietly(instanceId, instanceStub(ctx.env, instanceId).endWork(id)));
}

/** Goes on with it until something has ended, and ends it then. */
export function workUntil(ctx: Ctx, instanceId: string, work: Work, ended: Promise<unknown>): void {
  const stub = instanceStub(ctx.env, instanceId);
  const timer = setInterval(() => {
    void quietly(instanceId, stub.beginWork(ctx.accountId, work));
  }, RENEW_MS);
  const over = ended
    .catch(() => undefined)
    .then(() => {
      clearInterval(timer);
      return stub.endWork(work.id);
    });
  ctx.background(quietly(instanceId, over));
}

async function quietly(instanceId: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    logEvent("work.failed", { level: "error", instanceId, cause: describeError(error) });
  }
}
