import { AppError } from "../../errors.ts";
import type { PatchCommand } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { ownRow, resolveInstance } from "./resolve.ts";

export async function updateInstance(ctx: Ctx, name: string, patch: PatchCommand): Promise<InstanceRow> {
  const row = await resolveInstance(ctx, name);
  if (row.exposure === "public" && typeof patch.idleTimeoutSeconds === "number") {
    throw new AppError(
      "invalid_request",
      "Only bodies are put to sleep when idle: requests are not counted yet.",
      {
        hint: "Suspend the instance yourself: gentity compute suspend",
        details: [{ field: "idleTimeoutSeconds", problem: "must be null for an instance with an address" }],
      },
    );
  }
  const patched = await instanceStub(ctx.env, row.id).patch(patch, causeOf(ctx));
  return patched ? ownRow(ctx, name, patched) : row;
}
