import { AppError } from "../../errors.ts";
import type { PatchCommand } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { Access } from "../../instance/record.ts";
import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { ownRow, requirePublic, resolveInstance } from "./resolve.ts";

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
  if (patch.access !== undefined) {
    requirePublic(row, "it has no address");
    requireAccessOffered(ctx, patch.access);
  }
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
