import { z } from "@hono/zod-openapi";
import { AppError, errorBody } from "../../errors.ts";
import { eventStream } from "../../event-stream.ts";
import { followLogs } from "../../services/instances/follow-logs.ts";
import { openLogs } from "../../services/instances/logs.ts";
import { endpoint, IdParam, newRouter } from "../route.ts";

const LogLineSchema = z
  .object({
    timestamp: z.string(),
    level: z.string(),
    message: z.string(),
    instance: z.string().openapi({ description: "The vendor's machine id." }),
    region: z.string(),
  })
  .openapi("LogLine");

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/logs",
    operationId: "readLogs",
    summary: "Read or follow an instance's log",
    tags: ["instances"],
    request: {
      params: IdParam,
      query: z.object({
        lines: z.coerce.number().int().min(1).max(1000).default(200),
        follow: z.enum(["0", "1"]).default("0"),
      }),
    },
    responses: {
      200: {
        description:
          "The last lines; with `follow=1` server-sent events, one line per `data:`, until `event: end`.",
        content: {
          "application/json": { schema: z.object({ logs: z.array(LogLineSchema) }) },
          "text/event-stream": { schema: z.string() },
        },
      },
    },
  },
  errors: [
    "invalid_request",
    "not_found",
    "ambiguous",
    "not_configured",
    "vendor_failed",
    "vendor_unavailable",
  ],
});

export const readLogsRoute = newRouter().openapi(route, async (c) => {
  const { lines, follow } = c.req.valid("query");
  const reader = await openLogs(c.var.ctx, c.req.valid("param").id);
  const logs = (await reader.read()).slice(-lines);
  if (follow === "0") {
    return c.json({ logs }, 200);
  }
  return eventStream(c, async ({ send, sleep, signal }) => {
    try {
      const isOpen = () => !signal.aborted;
      for await (const fresh of followLogs(reader, { first: logs, isOpen, sleep })) {
        for (const line of fresh) {
          await send({ data: line });
        }
      }
      await send({ event: "end", data: {} });
    } catch (error) {
      const known = error instanceof AppError ? error : new AppError("internal", "The log broke off.");
      await send({ event: "error", data: errorBody(known, c.var.requestId) });
    }
  });
});
