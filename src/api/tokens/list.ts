import { z } from "@hono/zod-openapi";
import { listTokens } from "../../services/tokens/list.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";
import { TokenSchema, toToken } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/tokens",
    operationId: "listTokens",
    summary: "List tokens, newest first",
    tags: ["account"],
    responses: {
      200: jsonResponse("The account's live tokens.", z.object({ tokens: z.array(TokenSchema) })),
    },
  },
  errors: [],
});

export const listTokensRoute = newRouter().openapi(route, async (c) => {
  const rows = await listTokens(c.var.ctx);
  return c.json({ tokens: rows.map(toToken) }, 200);
});
