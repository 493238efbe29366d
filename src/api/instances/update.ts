import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { updateInstance } from "../../services/instances/update.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { LabelsSchema, NameSchema } from "./create.ts";
import { AccessSchema, InstanceSchema, toInstance } from "./schema.ts";

const MAX_IDLE_SECONDS = 7 * 24 * 60 * 60;

const Body = z
  .strictObject({
    name: NameSchema.optional(),
    labels: LabelsSchema.optional().openapi({ description: "Replaces all labels." }),
    access: AccessSchema.optional(),
    idleTimeoutSeconds: z
      .int()
      .min(1)
      .max(MAX_IDLE_SECONDS)
      .nullable()
      .optional()
      .openapi({ description: "Of a body: suspended after so long without work; null: never." }),
    wakeAt: z.null("not offered: start the instance instead").optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "at least one field is needed")
  .openapi("UpdateInstance");

const route = endpoint({
  route: {
    method: "patch",
    path: "/instances/{id}",
    operationId: "updateInstance",
    summary: "Change an instance's name, labels and access, and when a body sleeps",
    tags: ["instances"],
    request: { params: IdParam, ...jsonBody(Body) },
    responses: { 200: jsonResponse("The instance as it is now.", z.object({ instance: InstanceSchema })) },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "not_found",
    "ambiguous",
    "invalid_state",
    "not_configured",
    "payload_too_large",
  ],
});

export const updateInstanceRoute = newRouter().openapi(route, async (c) => {
  const { name, labels, access, idleTimeoutSeconds } = c.req.valid("json");
  const patch = {
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels }),
    ...(access === undefined ? {} : { access }),
    ...(idleTimeoutSeconds === undefined ? {} : { idleTimeoutSeconds }),
  };
  const { ctx } = c.var;
  const row = await updateInstance(ctx, c.req.valid("param").id, patch);
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json({ instance: toInstance(row, ctx.config, latest) }, 200);
});
