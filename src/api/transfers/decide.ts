import { z } from "@hono/zod-openapi";
import { decideTransfer } from "../../services/transfers/decide.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";
import { TransferParam, TransferSchema, toTransfer } from "./schema.ts";

const responses = {
  200: jsonResponse("The transfer as it is now.", z.object({ transfer: TransferSchema })),
};
const errors = ["not_found", "invalid_state", "idempotency_conflict", "idempotency_in_progress"] as const;

const decline = endpoint({
  route: {
    method: "post",
    path: "/transfers/{id}/decline",
    operationId: "declineTransfer",
    summary: "Decline what was offered to this account",
    tags: ["transfers"],
    request: { params: TransferParam },
    responses,
  },
  errors,
});

const cancel = endpoint({
  route: {
    method: "post",
    path: "/transfers/{id}/cancel",
    operationId: "cancelTransfer",
    summary: "Withdraw an offer of this account",
    tags: ["transfers"],
    request: { params: TransferParam },
    responses,
  },
  errors,
});

export const declineTransferRoute = newRouter().openapi(decline, async (c) => {
  const view = await decideTransfer(c.var.ctx, c.req.valid("param").id, "decline");
  return c.json({ transfer: toTransfer(view, c.var.ctx.accountId) }, 200);
});

export const cancelTransferRoute = newRouter().openapi(cancel, async (c) => {
  const view = await decideTransfer(c.var.ctx, c.req.valid("param").id, "cancel");
  return c.json({ transfer: toTransfer(view, c.var.ctx.accountId) }, 200);
});
