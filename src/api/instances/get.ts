import { z } from "@hono/zod-openapi";
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
  const row = await getInstance(c.var.ctx, c.req.valid("param").id);
  return c.json({ instance: toInstance(row, c.var.ctx.config) }, 200);
});
