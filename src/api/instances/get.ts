import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { getInstance } from "../../services/instances/read.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";
import { InstanceSchema, toInstance } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}",
    operationId: "getInstance",
    summary: "Get an instance",
    tags: ["instances"],
    request: { params: IdParam },
    responses: { 200: jsonResponse("The instance as it is now.", z.object({ instance: InstanceSchema })) },
  },
  errors: ["not_found", "ambiguous"],
});

export const getInstanceRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const row = await getInstance(ctx, c.req.valid("param").id);
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json({ instance: toInstance(row, ctx.config, latest) }, 200);
});
