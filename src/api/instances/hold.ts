import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { holdInstance } from "../../services/instances/hold.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { InstanceSchema, toInstance } from "./schema.ts";

const WEEK_SECONDS = 7 * 24 * 60 * 60;

const Body = z
  .strictObject({
    seconds: z
      .int()
      .min(0)
      .max(WEEK_SECONDS)
      .openapi({ description: "From now on; the last hold counts. 0 lets it go." }),
    reason: z.string().trim().min(1).max(200).openapi({ example: "a long build" }),
  })
  .openapi("Hold");

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/hold",
    operationId: "holdInstance",
    summary: "Keep an instance awake",
    tags: ["instances"],
    request: { params: IdParam, ...jsonBody(Body) },
    responses: {
      200: jsonResponse("The instance; `awake` says until when.", z.object({ instance: InstanceSchema })),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "not_found",
    "ambiguous",
    "invalid_state",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
  ],
});

export const holdInstanceRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const row = await holdInstance(ctx, c.req.valid("param").id, c.req.valid("json"));
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json({ instance: toInstance(row, ctx.config, latest) }, 200);
});
