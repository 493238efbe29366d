import { z } from "@hono/zod-openapi";
import { newTransferId } from "../../ids.ts";
import { offerTransfer } from "../../services/transfers/offer.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { TransferSchema, toTransfer } from "./schema.ts";

const Body = z
  .strictObject({
    to: z.string().trim().min(3).max(320).openapi({ description: "An account's id, or its address." }),
  })
  .openapi("OfferTransfer");

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/transfer",
    operationId: "offerTransfer",
    summary: "Offer an instance to another account",
    description:
      "Open for seven days. The answer is the same whether or not there is such an account: check the name before you send it.",
    tags: ["transfers"],
    request: { params: IdParam, ...jsonBody(Body) },
    responses: { 201: jsonResponse("The offer.", z.object({ transfer: TransferSchema })) },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "not_found",
    "ambiguous",
    "invalid_state",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
  ],
});

export const offerTransferRoute = newRouter().openapi(route, async (c) => {
  const reserved = c.var.reservedId;
  const id = reserved === undefined ? newTransferId() : `trf_${reserved.slice("cmp".length)}`;
  const { to } = c.req.valid("json");
  const view = await offerTransfer(c.var.ctx, c.req.valid("param").id, { id, to });
  return c.json({ transfer: toTransfer(view, c.var.ctx.accountId) }, 201);
});
