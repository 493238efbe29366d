import { z } from "@hono/zod-openapi";
import { listAccounts } from "../../services/operator/list-accounts.ts";
import { jsonResponse, newRouter, operatorEndpoint, PageQuery } from "../route.ts";
import { AdminAccountSchema, toAdminAccount } from "./schema.ts";

const route = operatorEndpoint({
  route: {
    method: "get",
    path: "/admin/accounts",
    operationId: "listAccounts",
    summary: "List accounts, newest first",
    request: { query: PageQuery },
    responses: {
      200: jsonResponse(
        "Every account, with what it may use.",
        z.object({ accounts: z.array(AdminAccountSchema), nextCursor: z.string().nullable() }),
      ),
    },
  },
  errors: ["invalid_request"],
});

export const listAccountsRoute = newRouter().openapi(route, async (c) => {
  const { items, nextCursor } = await listAccounts(c.var.ctx, c.req.valid("query"));
  return c.json({ accounts: items.map(toAdminAccount), nextCursor }, 200);
});
