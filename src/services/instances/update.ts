import { AppError } from "../../errors.ts";
import type { PatchCommand } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { Access } from "../../instance/record.ts";
import { findCronProblem } from "../../instance/schedule.ts";
import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { ownRow, requirePublic, resolveInstance } from "./resolve.ts";
import { requireSleepable, requireWakeBySchedule } from "./sleep.ts";

export async function updateInstance(ctx: Ctx, name: string, patch: PatchCommand): Promise<InstanceRow> {
  const row = await resolveInstance(ctx, name);
  if (typeof patch.idleTimeoutSeconds === "number") {
    requireSleepable(row, "idleTimeoutSeconds");
  }
  if (patch.access !== undefined) {
    requirePublic(row, "it has no address");
    requireAccessOffered(ctx, patch.access);
  }
  checkSchedule(row, patch, ctx.now);
  const patched = await instanceStub(ctx.env, row.id).patch(patch, causeOf(ctx));
  return patched ? ownRow(ctx, name, patched) : row;
}

/** @throws not_configured where nobody could sign what would open the instance. */
export function requireAccessOffered(ctx: Pick<Ctx, "config">, access: Access): void {
  if (access === "signed") {
    requireEdgeKeys(ctx);
  }
}

export function requireEdgeKeys({ config }: Pick<Ctx, "config">): void {
  if (config.edgeKeys.length === 0) {
    throw new AppError("not_configured", "No key is set that links could be signed with.", {
      hint: "The operator sets EDGE_SIGNING_KEYS.",
    });
  }
}

function checkSchedule(row: InstanceRow, { wakeAt, wakeCron }: PatchCommand, now: number): void {
  if (typeof wakeAt === "number") {
    requireWakeBySchedule(row, "wakeAt");
    if (wakeAt <= now) {
      throw unusable("wakeAt", "must be in the future");
    }
  }
  if (typeof wakeCron === "string") {
    requireWakeBySchedule(row, "wakeCron");
    const problem = findCronProblem(wakeCron, now);
    if (problem !== undefined) {
      throw unusable("wakeCron", problem);
    }
  }
}

function unusable(field: string, problem: string): AppError {
  return new AppError("invalid_request", `${field} ${problem}.`, { details: [{ field, problem }] });
}
