import { z } from "@hono/zod-openapi";
import { listHeads } from "../../services/audit/list.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";
import { AuditHeadSchema, ReadingQuery, toAuditHead } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/audit/heads",
    operationId: "listAuditHeads",
    summary: "The signed ends of the audit chains, newest first",
    description:
      "Signed daily with a key of /.well-known/jwks.json. Keep them: whoever has one can tell whether anything before it was changed.",
    tags: ["audit"],
    request: { query: ReadingQuery },
    responses: {
      200: jsonResponse(
        "`configured` is false while the operator has set no signing key; then nothing is signed.",
        z.object({
          configured: z.boolean(),
          heads: z.array(AuditHeadSchema),
          nextCursor: z.string().nullable(),
        }),
      ),
    },
  },
  errors: ["invalid_request"],
});

export const listHeadsRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const { items, nextCursor } = await listHeads(ctx, c.req.valid("query"));
  return c.json(
    { configured: ctx.config.auditKeys.length > 0, heads: items.map(toAuditHead), nextCursor },
    200,
  );
});
