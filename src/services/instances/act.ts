import { AppError } from "../../errors.ts";
import type { Intent } from "../../instance/intents.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { type InstanceStub, instanceStub } from "../../instance/stub.ts";
import { requireBudget } from "../account/budget.ts";
import { requireNotOver, requireRoom } from "../account/quota.ts";
import { type Ctx, causeOf } from "../context.ts";
import { notFound, resolveInstance, resolveInstanceForDelete } from "./resolve.ts";
import { driveUntilSettled } from "./settle.ts";

/** The public surface waits for the vendor's confirmation this long, in milliseconds. */
const CONFIRM_MS = 60_000;

type Action = Exclude<Intent, "delete">;

/**
 * Starts, stops, restarts, suspends or resumes, and waits for the vendor's confirmation up to a minute.
 * @returns the instance at rest, or still on its way.
 * @throws invalid_state with the current state when it cannot be done now; vendor_failed with the vendor's reason.
 */
export async function actOnInstance(ctx: Ctx, name: string, intent: Action): Promise<InstanceRow> {
  const { row, stub, isAccepted } = await intend(ctx, name, intent);
  if (!isAccepted) {
    return (await stub.get()) ?? row;
  }
  const settled = await driveUntilSettled(ctx, stub, row, CONFIRM_MS);
  if (settled.state === "error") {
    throw new AppError("vendor_failed", settled.problem?.message ?? "The vendor failed.", {
      hint: settled.problem?.hint,
      details: [{ status: settled.state }],
    });
  }
  return settled;
}

/**
 * The same for somebody who looks on instead of waiting: accepted or refused at once, and seen to by the queue.
 * @returns whether anything was to be done: it may have been there already.
 */
export async function beginAction(
  ctx: Ctx,
  name: string,
  intent: Action,
): Promise<{ row: InstanceRow; isAccepted: boolean }> {
  const { row, stub, isAccepted } = await intend(ctx, name, intent);
  return { row: (await stub.get()) ?? row, isAccepted };
}

async function intend(
  ctx: Ctx,
  name: string,
  intent: Action,
): Promise<{ row: InstanceRow; stub: InstanceStub; isAccepted: boolean }> {
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
    case "accepted":
      return { row, stub, isAccepted: true };
    case "settled":
      return { row, stub, isAccepted: false };
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
  const { row, stub } = await intendDelete(ctx, name);
  if (row.state === "deleted") {
    return { row, gone: true };
  }
  const settled = await driveUntilSettled(ctx, stub, row, CONFIRM_MS);
  return { row: settled, gone: settled.state === "deleted" };
}

/** The same without waiting for the vendor: the queue sees to it. */
export async function beginDelete(ctx: Ctx, name: string): Promise<InstanceRow> {
  const { row, stub } = await intendDelete(ctx, name);
  return (await stub.get()) ?? row;
}

async function intendDelete(ctx: Ctx, name: string): Promise<{ row: InstanceRow; stub: InstanceStub }> {
  const row = await resolveInstanceForDelete(ctx, name);
  const stub = instanceStub(ctx.env, row.id);
  if (row.state !== "deleted") {
    const { verdict } = await stub.intend("delete", causeOf(ctx));
    if (verdict.type === "unknown" && (await stub.get())) {
      throw notFound(name);
    }
  }
  return { row, stub };
}
