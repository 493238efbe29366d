import { AppError } from "../../errors.ts";
import { instanceStub } from "../../instance/stub.ts";
import { getAccount } from "../account/get.ts";
import { type Ctx, causeOf } from "../context.ts";
import { requirePublic, resolveInstance } from "../instances/resolve.ts";
import { requireRight } from "../require-right.ts";
import { settledTransfer, type TransferView } from "./internal.ts";

const OPEN_MS = 7 * 24 * 60 * 60_000;

/**
 * Offers an instance to an account, named by its id or its address. Whether there is such an account is not looked up, so
 * that the answer tells nothing of it: only who goes by that name will see the offer.
 */
export async function offerTransfer(
  ctx: Ctx,
  name: string,
  { id, to }: { id: string; to: string },
): Promise<TransferView> {
  requireRight(ctx, "transfers");
  const row = await resolveInstance(ctx, name);
  requirePublic(row, "it cannot be transferred");
  const { email } = await getAccount(ctx);
  const receiver = to.trim().toLowerCase();
  if ([ctx.accountId, email.toLowerCase()].includes(receiver)) {
    throw new AppError("invalid_request", "The instance is yours already.", {
      hint: "Name another account, by its id or its address.",
    });
  }
  const command = { type: "offer" as const, id, receiver, expiresAt: ctx.now + OPEN_MS };
  const verdict = await instanceStub(ctx.env, row.id).transfer(command, causeOf(ctx));
  const transfer = settledTransfer(verdict, id);
  const { id: instanceId, name: instanceName, agentType } = row;
  return { ...transfer, instanceId, instanceName, agentType, fromEmail: email };
}
