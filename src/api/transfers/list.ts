import { z } from "@hono/zod-openapi";
import { listTransfers } from "../../services/transfers/list.ts";
import { endpoint, jsonResponse, newRouter, PageQuery } from "../route.ts";
import { TransferSchema, toTransfer } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/transfers",
    operationId: "listTransfers",
    summary: "List transfers in both directions, newest first",
    tags: ["transfers"],
    request: { query: PageQuery },
    responses: {
      200: jsonResponse(
        "What this account offers, was offered, gave and received.",
        z.object({ transfers: z.array(TransferSchema), nextCursor: z.string().nullable() }),
      ),
    },
  },
  errors: ["invalid_request"],
});

export const listTransfersRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const { items, nextCursor } = await listTransfers(ctx, c.req.valid("query"));
  return c.json({ transfers: items.map((view) => toTransfer(view, ctx.accountId)), nextCursor }, 200);
});
