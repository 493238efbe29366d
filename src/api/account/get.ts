import { z } from "@hono/zod-openapi";
import { getAccount } from "../../services/account/get.ts";
import { readLimits } from "../../services/account/limits.ts";
import { BudgetActionSchema } from "../admin/schema.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";

const Used = z.object({ used: z.int(), limit: z.int() });

const AccountSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    quota: z
      .object({ instances: Used, memoryMb: Used, execConcurrency: Used })
      .openapi({ description: "Failed and deleting instances hold none of it." }),
    budget: z
      .object({
        limitMicros: z.int(),
        spentMicros: z.int(),
        leftMicros: z.int(),
        estimated: z.literal(true),
        action: BudgetActionSchema,
      })
      .nullable()
      .openapi({ description: "Compute in this calendar month (UTC), in micro-dollars; null: no budget." }),
  })
  .openapi("Account");

const route = endpoint({
  route: {
    method: "get",
    path: "/account",
    operationId: "getAccount",
    summary: "Who am I?",
    tags: ["account"],
    responses: { 200: jsonResponse("The account behind the token.", z.object({ account: AccountSchema })) },
  },
  errors: ["not_found"],
});

export const getAccountRoute = newRouter().openapi(route, async (c) => {
  const account = await getAccount(c.var.ctx);
  const { id, email, name } = account;
  return c.json({ account: { id, email, name, ...(await readLimits(c.var.ctx, account)) } }, 200);
});
