import { z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import { pollExec } from "../../services/instances/exec.ts";
import { failureOf } from "../../services/instances/vendor-failure.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";

const Offset = z.coerce.number().int().min(0).default(0);

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/exec/{execId}",
    operationId: "getExec",
    summary: "What became of a detached command",
    tags: ["instances"],
    request: {
      params: IdParam.extend({ execId: z.string().min(1).max(64) }),
      query: z.object({ stdoutOffset: Offset, stderrOffset: Offset }),
    },
    responses: {
      200: jsonResponse(
        "What it wrote since the offsets, in bytes, and how it ended.",
        z.object({
          execId: z.string(),
          status: z.enum(["running", "exited"]),
          exitCode: z.int().nullable(),
          signal: z.string().nullable(),
          timedOut: z.boolean(),
          stdout: z.string(),
          stderr: z.string(),
          stdoutOffset: z.int().openapi({ description: "Where to go on." }),
          stderrOffset: z.int(),
          truncated: z.boolean(),
          substrate: z.string(),
        }),
      ),
    },
  },
  errors: [
    "invalid_request",
    "not_found",
    "ambiguous",
    "invalid_state",
    "budget_exceeded",
    "not_configured",
    "vendor_failed",
    "vendor_unavailable",
  ],
});

export const pollExecRoute = newRouter().openapi(route, async (c) => {
  const { id, execId } = c.req.valid("param");
  const { stdoutOffset, stderrOffset } = c.req.valid("query");
  const offsets = { stdout: stdoutOffset, stderr: stderrOffset };
  const { outcome, substrate } = await pollExec(c.var.ctx, id, { execId, offsets });
  if (outcome.type === "rejected" && outcome.code === "missing") {
    throw new AppError("not_found", `There is no command "${execId}" on this machine.`, {
      hint: "What a command wrote is kept for a day, and lost when the machine stops.",
    });
  }
  if (outcome.type !== "ok") {
    throw failureOf(outcome);
  }
  const { stdout, stderr, offsets: next, exit } = outcome.value;
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return c.json(
    {
      execId,
      status: exit ? ("exited" as const) : ("running" as const),
      exitCode: exit?.exitCode ?? null,
      signal: exit?.signal ?? null,
      timedOut: exit?.timedOut ?? false,
      stdout: decode(stdout),
      stderr: decode(stderr),
      stdoutOffset: next.stdout,
      stderrOffset: next.stderr,
      truncated: false,
      substrate,
    },
    200,
  );
});
