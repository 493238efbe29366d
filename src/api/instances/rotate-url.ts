import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { rotateUrl } from "../../services/instances/rotate-url.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";
import { InstanceSchema, toInstance } from "./schema.ts";

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/rotate-url",
    operationId: "rotateInstanceUrl",
    summary: "Give an instance a new address",
    description:
      "The old address is dead within ten seconds. The machine is left alone: an agent that knows its own address " +
      "learns the new one when it is restarted, and a config file that it wrote at its first boot keeps the old one.",
    tags: ["instances"],
    request: { params: IdParam },
    responses: {
      200: jsonResponse("The instance at its new address.", z.object({ instance: InstanceSchema })),
    },
  },
  errors: ["not_found", "ambiguous", "invalid_state", "idempotency_conflict", "idempotency_in_progress"],
});

export const rotateUrlRoute = newRouter().openapi(route, async (c) => {
  const row = await rotateUrl(c.var.ctx, c.req.valid("param").id);
  const { ctx } = c.var;
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json({ instance: toInstance(row, ctx.config, latest) }, 200);
});
