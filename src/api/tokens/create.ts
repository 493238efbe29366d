import { z } from "@hono/zod-openapi";
import { newTokenId } from "../../ids.ts";
import { createToken } from "../../services/tokens/create.ts";
import { endpoint, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { TokenSchema, toToken } from "./schema.ts";

const Body = z.strictObject({ name: z.string().trim().min(1).max(100) }).openapi("CreateToken");

const route = endpoint({
  route: {
    method: "post",
    path: "/tokens",
    operationId: "createToken",
    summary: "Mint a token",
    tags: ["account"],
    request: jsonBody(Body),
    responses: {
      201: jsonResponse(
        "The plaintext is shown here and never again.",
        z.object({ token: TokenSchema, plaintext: z.string().openapi({ example: "gn_live_…" }) }),
      ),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
  ],
});

export const createTokenRoute = newRouter().openapi(route, async (c) => {
  const reserved = c.var.reservedId;
  const id = reserved === undefined ? newTokenId() : `tok_${reserved.slice("cmp".length)}`;
  const { token, plaintext } = await createToken(c.var.ctx, { id, name: c.req.valid("json").name });
  return c.json({ token: toToken(token), plaintext }, 201);
});
