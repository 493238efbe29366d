import { z } from "@hono/zod-openapi";
import { listEvents } from "../../services/audit/list.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";
import { EventPageSchema, ReadingQuery, toAuditEvent } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/audit",
    operationId: "listAuditEvents",
    summary: "Everything that was changed, newest first",
    description: "Append-only. With `after` oldest first: nothing is skipped by asking on with `nextCursor`.",
    tags: ["audit"],
    request: { query: ReadingQuery.extend({ chain: z.string().max(64).optional() }) },
    responses: { 200: jsonResponse("The account's events.", EventPageSchema) },
  },
  errors: ["invalid_request"],
});

export const listAuditRoute = newRouter().openapi(route, async (c) => {
  const { items, nextCursor } = await listEvents(c.var.ctx, c.req.valid("query"));
  return c.json({ events: items.map(toAuditEvent), nextCursor }, 200);
});
