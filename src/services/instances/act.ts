import { AppError } from "../../errors.ts";
import type { Intent } from "../../instance/intents.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { requireBudget } from "../account/budget.ts";
import { requireNotOver, requireRoom } from "../account/quota.ts";
import { type Ctx, causeOf } from "../context.ts";
import { notFound, resolveInstance, resolveInstanceForDelete } from "./resolve.ts";
import { driveUntilSettled } from "./settle.ts";

/** The public surface waits for the vendor's confirmation this long, in milliseconds. */
const CONFIRM_MS = 60_000;

export interface ActOptions {
  /** How long to wait for the vendor's confirmation; 0: it is only asked for. */
  waitSeconds?: number;
}

/**
 * Starts, stops, restarts, suspends or resumes, and waits for the vendor's confirmation, without a word up to a minute.
 * @returns the instance at rest, or still on its way.
 * @throws invalid_state with the current state when it cannot be done now; vendor_failed with the vendor's reason.
 */
export async function actOnInstance(
  ctx: Ctx,
  name: string,
  intent: Exclude<Intent, "delete">,
  { waitSeconds = CONFIRM_MS / 1000 }: ActOptions = {},
): Promise<InstanceRow> {
  const row = await resolveInstance(ctx, name);
  if (intent === "start" || intent === "restart" || intent === "resume") {
    await requireBudget(ctx);
    await (row.state === "error"
      ? // A failed one holds no quota; what it held may have been given to another.
        requireRoom(ctx.db, ctx.accountId, row.spec)
      : requireNotOver(ctx.db, ctx.accountId));
  }
  const stub = instanceStub(ctx.env, row.id);
  const { verdict } = await stub.intend(intent, causeOf(ctx));
  switch (verdict.type) {
    case "accepted": {
      if (waitSeconds === 0) {
        return (await stub.settled(0)) ?? row;
      }
      const settled = await driveUntilSettled(ctx, stub, row, waitSeconds * 1000);
      if (settled.state === "error") {
        throw new AppError("vendor_failed", settled.problem?.message ?? "The vendor failed.", {
          hint: settled.problem?.hint,
          details: [{ status: settled.state }],
        });
      }
      return settled;
    }
    case "settled":
      return (await stub.get()) ?? row;
    case "conflict": {
      const current = (await stub.get()) ?? row;
      throw new AppError("invalid_state", verdict.message, {
        hint: verdict.hint,
        details: [{ status: current.state }],
      });
    }
    default:
      if (await stub.get()) {
        throw notFound(name);
      }
      throw new AppError("invalid_state", "The instance is not ready for this yet.", {
        details: [{ status: row.state }],
      });
  }
}

/** From any state, and again with the same answer. @returns whether the vendor has confirmed that nothing is left. */
export async function deleteInstance(ctx: Ctx, name: string): Promise<{ row: InstanceRow; gone: boolean }> {
  const row = await resolveInstanceForDelete(ctx, name);
  if (row.state === "deleted") {
    return { row, gone: true };
  }
  const stub = instanceStub(ctx.env, row.id);
  const { verdict } = await stub.intend("delete", causeOf(ctx));
  if (verdict.type === "unknown" && (await stub.get())) {
    throw notFound(name);
  }
  const settled = await driveUntilSettled(ctx, stub, row, CONFIRM_MS);
  return { row: settled, gone: settled.state === "deleted" };
}
