import { z } from "@hono/zod-openapi";
import { createTerminalTicket } from "../../services/instances/terminal-ticket.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";
import { isoTime } from "./schema.ts";

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/terminal/ticket",
    operationId: "createTerminalTicket",
    summary: "A one-time ticket for a terminal",
    tags: ["instances"],
    request: { params: IdParam },
    responses: {
      201: jsonResponse(
        "Open `url` as a WebSocket within a minute.",
        z.object({ ticket: z.string(), url: z.string(), expiresAt: z.iso.datetime() }),
      ),
    },
  },
  errors: ["not_found", "ambiguous", "idempotency_conflict", "idempotency_in_progress"],
});

export const createTicketRoute = newRouter().openapi(route, async (c) => {
  const { instanceId, ticket, expiresAt } = await createTerminalTicket(c.var.ctx, c.req.valid("param").id);
  const url = new URL(`/api/instances/${instanceId}/terminal`, c.req.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", ticket);
  return c.json({ ticket, url: url.href, expiresAt: isoTime(expiresAt) }, 201);
});
