import { z } from "@hono/zod-openapi";
import { openBodyCommand } from "../../services/bodies/run.ts";
import { failureOf } from "../../services/instances/vendor-failure.ts";
import { streamExec } from "../instances/exec.ts";
import {
  EXEC_FIELDS,
  ExecResultSchema,
  hasOneStdin,
  ONE_STDIN,
  toCommand,
} from "../instances/exec-schema.ts";
import { endpoint, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { BODY_ERRORS, BodySpecSchema, GoalSchema, ImageSchema, WorkspaceParam } from "./schema.ts";

const Body = z
  .strictObject({
    ...EXEC_FIELDS,
    goal: GoalSchema.optional(),
    spec: BodySpecSchema.optional(),
    image: ImageSchema.optional(),
  })
  .refine(hasOneStdin, ONE_STDIN)
  .openapi("Run");

const InstanceId = z.string().openapi({ description: "The body it ran on." });

const route = endpoint({
  route: {
    method: "post",
    path: "/workspaces/{workspaceId}/run",
    operationId: "runInWorkspace",
    summary: "Run a command on the workspace's body",
    description:
      "The body is made, or woken, if need be. A command that fails is a 200 with its exit code; `substrate` says what really ran it. Long commands run detached on the machine and are looked at, so no vendor's limit cuts them.",
    tags: ["bodies"],
    request: { params: WorkspaceParam, ...jsonBody(Body) },
    responses: {
      200: {
        description:
          "How it ended; with `Accept: text/event-stream` first `event: body` with `instanceId` and `substrate`, then its outputs as they come, base64, then `event: exit`.",
        content: {
          "application/json": {
            schema: ExecResultSchema.extend({ instanceId: InstanceId }).openapi("RunResult"),
          },
          "text/event-stream": { schema: z.string() },
        },
      },
      202: jsonResponse(
        "Detached; ask for it by its id at the instance.",
        z.object({ execId: z.string(), instanceId: InstanceId, substrate: z.string() }),
      ),
    },
  },
  errors: [
    ...BODY_ERRORS,
    "too_many_execs",
    "idempotency_conflict",
    "idempotency_in_progress",
    "vendor_failed",
    "vendor_unavailable",
  ],
});

export const runInWorkspaceRoute = newRouter().openapi(route, async (c) => {
  const { workspaceId } = c.req.valid("param");
  const { goal, spec, image, ...input } = c.req.valid("json");
  const { timeoutSeconds, detach } = input;
  const { instanceId, exec, substrate } = await openBodyCommand(
    c.var.ctx,
    { workspaceId, goal, spec, image },
    { execId: c.var.reservedId, timeoutSeconds, detach },
  );
  const command = toCommand(input);
  if (detach) {
    const started = await exec.startDetached(command);
    if (started.type !== "ok") {
      throw failureOf(started);
    }
    return c.json({ execId: started.value.execId, instanceId, substrate }, 202);
  }
  if (c.req.header("Accept")?.includes("text/event-stream")) {
    return streamExec(c, exec, command, { event: "body", data: { instanceId, substrate } });
  }
  const outcome = await exec.runToEnd(command);
  if (outcome.type !== "ok") {
    throw failureOf(outcome);
  }
  const { value } = outcome;
  return c.json({ ...value, durationMs: Math.round(value.durationMs), instanceId }, 200);
});
