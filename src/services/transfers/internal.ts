import { and, eq, inArray, or } from "drizzle-orm";
import { accounts, transfers } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import type { Party, Transfer, TransferVerdict } from "../../instance/transfer.ts";
import { getAccount } from "../account/get.ts";
import type { Ctx } from "../context.ts";

/** A transfer as both sides see it. */
export interface TransferView extends Transfer {
  instanceId: string;
  instanceName: string;
  agentType: string;
  /** The address of who offers. */
  fromEmail: string;
}

/** Who asks, and by which names offers reach them. */
export async function partyOf(ctx: Ctx): Promise<Party> {
  const { id, email } = await getAccount(ctx);
  return { accountId: id, names: [id, email.toLowerCase()] };
}

/** What concerns an account: offered by it, to it, or become its own. */
export function concerns(party: Party) {
  return or(
    eq(transfers.fromAccount, party.accountId),
    eq(transfers.toAccount, party.accountId),
    inArray(transfers.receiver, party.names),
  );
}

/** @throws not_found alike for one that is not there and one between others. */
export async function getTransfer(ctx: Ctx, party: Party, id: string): Promise<TransferView> {
  const [row] = await ctx.db
    .select()
    .from(transfers)
    .innerJoin(accounts, eq(accounts.id, transfers.fromAccount))
    .where(and(eq(transfers.id, id), concerns(party)))
    .limit(1);
  if (!row) {
    throw unknownTransfer(id);
  }
  return { ...row.transfers, fromEmail: row.accounts.email };
}

/** What the object decided. @throws invalid_state, not_found. */
export function settledTransfer(verdict: TransferVerdict | undefined, id: string): Transfer {
  switch (verdict?.type) {
    case "accepted":
    case "settled":
      return verdict.transfer;
    case "conflict":
      throw new AppError("invalid_state", verdict.message, { hint: verdict.hint });
    case "stale":
      throw new AppError("invalid_state", "The instance is being moved by somebody else.", {
        hint: "Try again.",
      });
    default:
      throw unknownTransfer(id);
  }
}

function unknownTransfer(id: string): AppError {
  return new AppError("not_found", `There is no transfer "${id.slice(0, 64)}".`, {
    hint: "See yours with: gentity transfers list",
  });
}
