import { z } from "@hono/zod-openapi";
import { updateAccount } from "../../services/operator/update-account.ts";
import { jsonBody, jsonResponse, newRouter, operatorEndpoint } from "../route.ts";
import { AdminAccountSchema, BudgetActionSchema, toAdminAccount } from "./schema.ts";

const Limit = z.int().min(0).max(1_000_000_000);

const Body = z
  .strictObject({
    quota: z
      .strictObject({ instances: Limit, memoryMb: Limit, execConcurrency: Limit })
      .partial()
      .optional()
      .openapi({ description: "Those that are named. What an account has already is left alone." }),
    budget: z
      .strictObject({ limitMicros: z.int().min(0), action: BudgetActionSchema.optional() })
      .nullable()
      .optional()
      .openapi({ description: "Micro-dollars of compute in a calendar month (UTC); null: none." }),
    suspended: z.boolean().optional().openapi({ description: "Its tokens are refused; its machines go on." }),
  })
  .refine((body) => Object.keys(body).length > 0, "at least one field is needed")
  .refine((body) => body.quota === undefined || Object.keys(body.quota).length > 0, {
    path: ["quota"],
    message: "at least one limit is needed",
  })
  .openapi("UpdateAccount");

const route = operatorEndpoint({
  route: {
    method: "patch",
    path: "/admin/accounts/{id}",
    operationId: "updateAccount",
    summary: "Change an account's quota or budget, or suspend it",
    request: { params: z.object({ id: z.string().min(1).max(100) }), ...jsonBody(Body) },
    responses: { 200: jsonResponse("The account.", z.object({ account: AdminAccountSchema })) },
  },
  errors: ["invalid_json", "invalid_request", "not_found", "payload_too_large"],
});

export const updateAccountRoute = newRouter().openapi(route, async (c) => {
  const account = await updateAccount(c.var.ctx, c.req.valid("param").id, c.req.valid("json"));
  return c.json({ account: toAdminAccount(account) }, 200);
});
