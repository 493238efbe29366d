import { eq } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { transfers } from "../../db/schema.ts";
import { instanceStub } from "../../instance/stub.ts";
import { commit } from "../commit.ts";
import { type Ctx, causeOf } from "../context.ts";
import { requireRight } from "../require-right.ts";
import { getTransfer, partyOf, settledTransfer, type TransferView } from "./internal.ts";

/** The receiver declines, or the owner withdraws. Again has the same answer; after another decision it is refused. */
export async function decideTransfer(
  ctx: Ctx,
  id: string,
  type: "decline" | "cancel",
): Promise<TransferView> {
  requireRight(ctx, "transfers");
  const party = await partyOf(ctx);
  const known = await getTransfer(ctx, party, id);
  const verdict = await instanceStub(ctx.env, known.instanceId).transfer({ type, id, party }, causeOf(ctx));
  if (type === "decline" && verdict?.type === "accepted") {
    await auditDecline(ctx, id);
  }
  return { ...known, ...settledTransfer(verdict, id) };
}

/** The receiver's own event, since the instance's chain is its owner's. The mutation changes nothing but is there to be guarded. */
async function auditDecline(ctx: Ctx, id: string): Promise<void> {
  const event = auditEntry({
    accountId: ctx.accountId,
    actor: ctx.actor,
    action: "transfer.decline",
    target: id,
    at: ctx.now,
    requestId: ctx.requestId,
  });
  await commit(ctx.db, ctx.db.update(transfers).set({ id }).where(eq(transfers.id, id)), event);
}
