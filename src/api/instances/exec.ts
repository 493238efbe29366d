import { z } from "@hono/zod-openapi";
import { errorBody } from "../../errors.ts";
import { eventStream } from "../../event-stream.ts";
import { type Command, type Exec, openCommand } from "../../services/instances/exec.ts";
import { failureOf } from "../../services/instances/vendor-failure.ts";
import { type ApiContext, endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { ExecBody, ExecResultSchema, encodeBase64, toCommand } from "./exec-schema.ts";

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/exec",
    operationId: "execInInstance",
    summary: "Run a command on the machine",
    description: "A command that fails is a 200 with its exit code. A suspended instance is woken first.",
    tags: ["instances"],
    request: { params: IdParam, ...jsonBody(ExecBody) },
    responses: {
      200: {
        description:
          "How it ended; with `Accept: text/event-stream` its outputs as they come, base64, then `event: exit`.",
        content: {
          "application/json": { schema: ExecResultSchema },
          "text/event-stream": { schema: z.string() },
        },
      },
      202: jsonResponse("Detached; ask for it by its id.", z.object({ execId: z.string() })),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "not_found",
    "ambiguous",
    "invalid_state",
    "budget_exceeded",
    "too_many_execs",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
    "not_configured",
    "vendor_failed",
    "vendor_unavailable",
  ],
});

export const execInstanceRoute = newRouter().openapi(route, async (c) => {
  const body = c.req.valid("json");
  const { exec } = await openCommand(c.var.ctx, c.req.valid("param").id, {
    execId: c.var.reservedId,
    timeoutSeconds: body.timeoutSeconds,
    detach: body.detach,
  });
  const command = toCommand(body);
  if (body.detach) {
    const started = await exec.startDetached(command);
    if (started.type !== "ok") {
      throw failureOf(started);
    }
    return c.json({ execId: started.value.execId }, 202);
  }
  if (c.req.header("Accept")?.includes("text/event-stream")) {
    return streamExec(c, exec, command);
  }
  const outcome = await exec.runToEnd(command);
  if (outcome.type !== "ok") {
    throw failureOf(outcome);
  }
  const { value } = outcome;
  return c.json({ ...value, durationMs: Math.round(value.durationMs) }, 200);
});

/** Whoever goes away in the middle takes the command with them, as a closed terminal would. */
export function streamExec(
  c: ApiContext,
  exec: Exec,
  command: Command,
  first?: { event: string; data: unknown },
): Response {
  const { execId, events } = exec.stream(command);
  return eventStream(c, async ({ send, signal }) => {
    let isOver = false;
    if (first) {
      await send(first);
    }
    signal.addEventListener("abort", () => {
      if (!isOver) {
        c.executionCtx.waitUntil(exec.cancel(execId));
      }
    });
    for await (const event of events) {
      isOver = event.type === "exit" || event.type === "failed";
      if (event.type === "exit") {
        await send({ event: "exit", data: { ...event.result, truncated: false } });
      } else if (event.type !== "failed") {
        await send({ event: event.type, data: { data: encodeBase64(event.data) } });
      } else {
        await send({ event: "error", data: errorBody(failureOf(event.outcome), c.var.requestId) });
      }
    }
  });
}
