import { z } from "@hono/zod-openapi";
import { newAccountId, newTokenId } from "../../ids.ts";
import { createAccount } from "../../services/operator/create-account.ts";
import { jsonBody, jsonResponse, newRouter, operatorEndpoint } from "../route.ts";
import { AdminAccountSchema, toAdminAccount } from "./schema.ts";

const Body = z
  .strictObject({
    email: z.string().trim().toLowerCase().max(254).pipe(z.email()),
    name: z.string().trim().min(1).max(100).optional(),
  })
  .openapi("CreateAccount");

const route = operatorEndpoint({
  route: {
    method: "post",
    path: "/admin/accounts",
    operationId: "createAccount",
    summary: "Make an account and its first token",
    request: jsonBody(Body),
    responses: {
      201: jsonResponse(
        "The token is shown here and never again.",
        z.object({ account: AdminAccountSchema, token: z.string().openapi({ example: "gn_live_…" }) }),
      ),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "account_exists",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
  ],
});

export const createAccountRoute = newRouter().openapi(route, async (c) => {
  const reserved = c.var.reservedId?.slice("cmp".length);
  const { account, token } = await createAccount(c.var.ctx, {
    ...c.req.valid("json"),
    accountId: reserved === undefined ? newAccountId() : `acc_${reserved}`,
    tokenId: reserved === undefined ? newTokenId() : `tok_${reserved}`,
  });
  return c.json({ account: toAdminAccount(account), token }, 201);
});
