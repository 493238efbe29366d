import { z } from "@hono/zod-openapi";
import { eventStream } from "../../event-stream.ts";
import { instanceChanges } from "../../services/instances/watch.ts";
import { endpoint, IdParam, newRouter } from "../route.ts";
import { isoTime } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/watch",
    operationId: "watchInstance",
    summary: "Status changes as they happen",
    description:
      "Server-sent events, resumable with Last-Event-ID. Begins with the current status; ends when it is deleted.",
    tags: ["instances"],
    request: {
      params: IdParam,
      headers: z.object({
        "last-event-id": z
          .string()
          .regex(/^\d{1,15}$/)
          .optional(),
      }),
    },
    responses: {
      200: {
        description: "`event: status`, then `event: end`.",
        content: { "text/event-stream": { schema: z.string() } },
      },
    },
  },
  errors: ["invalid_request", "not_found", "ambiguous"],
});

export const watchInstanceRoute = newRouter().openapi(route, async (c) => {
  const after = c.req.valid("header")["last-event-id"];
  const changes = await instanceChanges(
    c.var.ctx,
    c.req.valid("param").id,
    after === undefined ? undefined : Number(after),
  );
  return eventStream(c, async ({ send, signal }) => {
    for await (const change of changes) {
      if (signal.aborted) {
        return;
      }
      if (change === "quiet") {
        continue;
      }
      const { state, startedAt, reason, problem, generation } = change;
      await send({
        id: String(change.seq),
        event: "status",
        data: {
          status: state,
          since: isoTime(startedAt),
          reason,
          errorMessage: problem?.message ?? null,
          generation,
        },
      });
    }
    await send({ event: "end", data: {} });
  });
});
