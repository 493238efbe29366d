import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { acceptTransfer } from "../../services/transfers/accept.ts";
import { InstanceSchema, toInstance } from "../instances/schema.ts";
import { endpoint, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { TransferParam, TransferSchema, toTransfer } from "./schema.ts";

const Body = z
  .strictObject({
    apiKey: z
      .string()
      .max(1_024)
      .optional()
      .openapi({ description: "Your key of the model's provider. Absent: the machine gets none." }),
  })
  .openapi("AcceptTransfer");

const route = endpoint({
  route: {
    method: "post",
    path: "/transfers/{id}/accept",
    operationId: "acceptTransfer",
    summary: "Take over what was offered to this account",
    description:
      "From this moment on the instance is this account's: usage, access, a new address. A running one is restarted without the " +
      "last owner's model key, a suspended one is stopped.",
    tags: ["transfers"],
    request: { params: TransferParam, ...jsonBody(Body) },
    responses: {
      200: jsonResponse("It is yours.", z.object({ transfer: TransferSchema, instance: InstanceSchema })),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "invalid_api_key",
    "quota_exceeded",
    "not_found",
    "invalid_state",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
  ],
});

export const acceptTransferRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const { apiKey } = c.req.valid("json");
  const { transfer, instance } = await acceptTransfer(ctx, { id: c.req.valid("param").id, apiKey });
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json(
    { transfer: toTransfer(transfer, ctx.accountId), instance: toInstance(instance, ctx.config, latest) },
    200,
  );
});
