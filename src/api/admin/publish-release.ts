import { z } from "@hono/zod-openapi";
import { imageRef } from "../../catalog/catalog.ts";
import { ImageSchema, RecipeSchema, ReleaseNameSchema } from "../../catalog/recipe-schema.ts";
import { publishRelease } from "../../services/operator/publish-release.ts";
import { jsonBody, jsonResponse, newRouter, operatorEndpoint } from "../route.ts";

const Body = z
  .strictObject({ release: ReleaseNameSchema, image: ImageSchema, recipe: RecipeSchema })
  .openapi("PublishRelease");

const route = operatorEndpoint({
  route: {
    method: "post",
    path: "/admin/agents/{id}/releases",
    operationId: "publishRelease",
    summary: "Publish a release of an agent",
    description:
      "It is current for instances created from now on, everywhere within seconds. Instances that exist keep theirs and say `outdated`.",
    request: { params: z.object({ id: z.string().min(1).max(64) }), ...jsonBody(Body) },
    responses: {
      201: jsonResponse(
        "Published.",
        z.object({
          release: z.object({
            agentId: z.string(),
            release: z.string(),
            image: z.string(),
            publishedAt: z.iso.datetime(),
          }),
        }),
      ),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "invalid_release",
    "not_found",
    "release_exists",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
  ],
});

export const publishReleaseRoute = newRouter().openapi(route, async (c) => {
  const agentId = c.req.valid("param").id;
  const published = await publishRelease(c.var.ctx, agentId, c.req.valid("json"));
  const { release, publishedAt } = published;
  return c.json({ release: { agentId, release, image: imageRef(published), publishedAt } }, 201);
});
