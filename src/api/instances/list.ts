import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { listInstances } from "../../services/instances/read.ts";
import { endpoint, jsonResponse, newRouter, PageQuery } from "../route.ts";
import { InstanceSchema, StatusSchema, toInstance } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/instances",
    operationId: "listInstances",
    summary: "List instances, newest first",
    tags: ["instances"],
    request: {
      query: PageQuery.extend({
        status: StatusSchema.optional(),
        agentType: z.string().max(64).optional(),
        label: z.string().max(200).optional().openapi({ description: "`key` or `key=value`." }),
        exposure: z
          .enum(["public", "private", "all"])
          .default("public")
          .openapi({ description: "`private`: the bodies; they are in the fleet as well." }),
      }),
    },
    responses: {
      200: jsonResponse(
        "The account's instances.",
        z.object({ instances: z.array(InstanceSchema), nextCursor: z.string().nullable() }),
      ),
    },
  },
  errors: ["invalid_request"],
});

export const listInstancesRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const { items, nextCursor } = await listInstances(ctx, c.req.valid("query"));
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json({ instances: items.map((row) => toInstance(row, ctx.config, latest)), nextCursor }, 200);
});
