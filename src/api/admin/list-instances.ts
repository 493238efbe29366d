import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { listAllInstances } from "../../services/operator/list-instances.ts";
import { InstanceSchema, StatusSchema, toInstance } from "../instances/schema.ts";
import { jsonResponse, newRouter, operatorEndpoint, PageQuery } from "../route.ts";

const route = operatorEndpoint({
  route: {
    method: "get",
    path: "/admin/instances",
    operationId: "listAllInstances",
    summary: "List every account's instances, newest first",
    request: {
      query: PageQuery.extend({
        accountId: z.string().max(100).optional(),
        status: StatusSchema.optional(),
      }),
    },
    responses: {
      200: jsonResponse(
        "Instances with the account they belong to.",
        z.object({
          instances: z.array(InstanceSchema.extend({ accountId: z.string() }).openapi("AdminInstance")),
          nextCursor: z.string().nullable(),
        }),
      ),
    },
  },
  errors: ["invalid_request"],
});

export const listAllInstancesRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const { items, nextCursor } = await listAllInstances(ctx, c.req.valid("query"));
  const latest = await latestReleases(ctx.env, ctx.now);
  const instances = items.map((row) => ({
    accountId: row.accountId,
    ...toInstance(row, ctx.config, latest),
  }));
  return c.json({ instances, nextCursor }, 200);
});
