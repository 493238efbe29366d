import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { getTransfer, partyOf, settledTransfer, type TransferView } from "./internal.ts";

/** The receiver declines, or the owner withdraws. Again has the same answer; after another decision it is refused. */
export async function decideTransfer(
  ctx: Ctx,
  id: string,
  type: "decline" | "cancel",
): Promise<TransferView> {
  const party = await partyOf(ctx);
  const known = await getTransfer(ctx, party, id);
  const verdict = await instanceStub(ctx.env, known.instanceId).transfer({ type, id, party }, causeOf(ctx));
  return { ...known, ...settledTransfer(verdict, id) };
}
