import type { PatchCommand } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { ownRow, resolveInstance } from "./resolve.ts";
import { requireSleepable } from "./sleep.ts";

export async function updateInstance(ctx: Ctx, name: string, patch: PatchCommand): Promise<InstanceRow> {
  const row = await resolveInstance(ctx, name);
  if (typeof patch.idleTimeoutSeconds === "number") {
    requireSleepable(row, "idleTimeoutSeconds");
  }
  const patched = await instanceStub(ctx.env, row.id).patch(patch, causeOf(ctx));
  return patched ? ownRow(ctx, name, patched) : row;
}
