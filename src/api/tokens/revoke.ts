import { z } from "@hono/zod-openapi";
import { revokeToken } from "../../services/tokens/revoke.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";

const route = endpoint({
  route: {
    method: "delete",
    path: "/tokens/{id}",
    operationId: "revokeToken",
    summary: "Revoke a token",
    tags: ["account"],
    request: { params: z.object({ id: z.string().min(1).max(100) }) },
    responses: {
      200: jsonResponse("From the next request on it is nothing.", z.object({ ok: z.literal(true) })),
    },
  },
  errors: ["not_found"],
});

export const revokeTokenRoute = newRouter().openapi(route, async (c) => {
  await revokeToken(c.var.ctx, c.req.valid("param").id);
  return c.json({ ok: true as const }, 200);
});
