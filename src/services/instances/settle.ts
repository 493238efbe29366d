import { waitUntil } from "cloudflare:workers";
import type { InstanceRow } from "../../instance/projection.ts";
import type { InstanceStub } from "../../instance/stub.ts";
import { describeError, logEvent } from "../../log.ts";
import { driveInline } from "../../provisioning/wiring.ts";
import type { Ctx } from "../context.ts";
import { permitWake } from "./permit.ts";

/**
 * Waits for an instance to come to rest, and drives it meanwhile, since somebody waits: the queue is only needed for what
 * this leaves. Both may run; the lease in the object keeps them apart.
 * @returns the instance at rest, or as it is when the time is over.
 */
export async function driveUntilSettled(
  ctx: Ctx,
  stub: InstanceStub,
  row: InstanceRow,
  timeoutMs: number,
): Promise<InstanceRow> {
  const driving = driveInline(ctx.env, stub, { budgetMs: timeoutMs, permit: permitWake }).catch(
    (error: unknown) => {
      logEvent("provisioning.inline_failed", {
        level: "error",
        instanceId: row.id,
        cause: describeError(error),
      });
    },
  );
  // Beyond the answer: a driver that is cut off keeps its lease, and nobody drives until that has expired.
  waitUntil(driving);
  return (await stub.settled(timeoutMs)) ?? row;
}
