import { z } from "@hono/zod-openapi";
import { TRANSFER_STATES } from "../../instance/transfer.ts";
import type { TransferView } from "../../services/transfers/internal.ts";
import { isoTime } from "../instances/schema.ts";

export const TransferSchema = z
  .object({
    id: z.string().openapi({ example: "trf_01k5x3w8t7v9q2r4s6y8z0a1b2" }),
    instanceId: z.string(),
    instanceName: z.string(),
    agentType: z.string(),
    direction: z.enum(["outgoing", "incoming"]),
    from: z.string().openapi({ description: "The address of who offers." }),
    to: z.string().openapi({ description: "As it was named: an account's id, or its address." }),
    state: z.enum(TRANSFER_STATES),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    decidedAt: z.iso.datetime().nullable(),
  })
  .openapi("Transfer");

export const TransferParam = z.object({ id: z.string().min(1).max(100) });

export function toTransfer(view: TransferView, accountId: string): z.infer<typeof TransferSchema> {
  return {
    id: view.id,
    instanceId: view.instanceId,
    instanceName: view.instanceName,
    agentType: view.agentType,
    direction: view.fromAccount === accountId ? "outgoing" : "incoming",
    from: view.fromEmail,
    to: view.receiver,
    state: view.state,
    createdAt: isoTime(view.createdAt),
    expiresAt: isoTime(view.expiresAt),
    decidedAt: view.decidedAt === null ? null : isoTime(view.decidedAt),
  };
}
