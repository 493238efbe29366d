import { z } from "@hono/zod-openapi";
import { getAccount } from "../../services/account/get.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";

const AccountSchema = z
  .object({ id: z.string(), email: z.string(), name: z.string().nullable() })
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
  const { id, email, name } = await getAccount(c.var.ctx);
  return c.json({ account: { id, email, name } }, 200);
});
