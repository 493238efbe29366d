import { z } from "@hono/zod-openapi";
import { ensureBody } from "../../services/bodies/ensure.ts";
import { latestReleases } from "../../services/catalog/live.ts";
import { InstanceSchema, toInstance } from "../instances/schema.ts";
import { endpoint, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { BODY_ERRORS, BodySpecSchema, GoalSchema, ImageSchema, WorkspaceParam } from "./schema.ts";

const Body = z
  .strictObject({
    goal: GoalSchema.optional(),
    spec: BodySpecSchema.optional(),
    image: ImageSchema.optional(),
  })
  .openapi("EnsureBody");

const Answer = z.object({ instance: InstanceSchema });

const route = endpoint({
  route: {
    method: "put",
    path: "/workspaces/{workspaceId}/body",
    operationId: "ensureBody",
    summary: "The workspace's body: the one there is, or a new one",
    description:
      "A body is an instance without a public address, used through exec. A workspace has at most one, and keeps it and its files. What is asked of the spec and the image counts for a new one alone.",
    tags: ["bodies"],
    request: { params: WorkspaceParam, ...jsonBody(Body) },
    responses: {
      200: jsonResponse("It was there.", Answer),
      201: jsonResponse("It was made, and is on its way.", Answer),
    },
  },
  errors: BODY_ERRORS,
});

export const ensureBodyRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const { workspaceId } = c.req.valid("param");
  const { row, isNew } = await ensureBody(ctx, { workspaceId, ...c.req.valid("json") });
  const instance = toInstance(row, ctx.config, await latestReleases(ctx.env, ctx.now));
  return c.json({ instance }, isNew ? 201 : 200);
});
