import { AppError } from "../../errors.ts";
import type { PatchCommand } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { findCronProblem } from "../../instance/schedule.ts";
import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { ownRow, resolveInstance } from "./resolve.ts";
import { requireSleepable, requireWakeBySchedule } from "./sleep.ts";

export async function updateInstance(ctx: Ctx, name: string, patch: PatchCommand): Promise<InstanceRow> {
  const row = await resolveInstance(ctx, name);
  if (typeof patch.idleTimeoutSeconds === "number") {
    requireSleepable(row, "idleTimeoutSeconds");
  }
  checkSchedule(row, patch, ctx.now);
  const patched = await instanceStub(ctx.env, row.id).patch(patch, causeOf(ctx));
  return patched ? ownRow(ctx, name, patched) : row;
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
