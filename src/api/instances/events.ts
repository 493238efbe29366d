import { listInstanceEvents } from "../../services/audit/list.ts";
import { EventPageSchema, ReadingQuery, toAuditEvent } from "../audit/schema.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/events",
    operationId: "listInstanceEvents",
    summary: "What was done to an instance, newest first",
    description: "Also of one that was deleted, by its whole id: events outlive it.",
    tags: ["instances"],
    request: { params: IdParam, query: ReadingQuery },
    responses: { 200: jsonResponse("The instance's audit events.", EventPageSchema) },
  },
  errors: ["invalid_request", "not_found", "ambiguous"],
});

export const listEventsRoute = newRouter().openapi(route, async (c) => {
  const { items, nextCursor } = await listInstanceEvents(
    c.var.ctx,
    c.req.valid("param").id,
    c.req.valid("query"),
  );
  return c.json({ events: items.map(toAuditEvent), nextCursor }, 200);
});
