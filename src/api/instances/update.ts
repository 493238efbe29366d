import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { updateInstance } from "../../services/instances/update.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { IdleSchema, LabelsSchema, NameSchema } from "./create.ts";
import { InstanceSchema, toInstance } from "./schema.ts";

const Body = z
  .strictObject({
    name: NameSchema.optional(),
    labels: LabelsSchema.optional().openapi({ description: "Replaces all labels." }),
    access: z.literal("link", "only `link` is offered: the URL is the credential").optional(),
    idleTimeoutSeconds: IdleSchema.optional(),
    wakeAt: z.null("not offered: start the instance instead").optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "at least one field is needed")
  .openapi("UpdateInstance");

const route = endpoint({
  route: {
    method: "patch",
    path: "/instances/{id}",
    operationId: "updateInstance",
    summary: "Change an instance's name and labels, and when it sleeps",
    tags: ["instances"],
    request: { params: IdParam, ...jsonBody(Body) },
    responses: { 200: jsonResponse("The instance as it is now.", z.object({ instance: InstanceSchema })) },
  },
  errors: ["invalid_json", "invalid_request", "not_found", "ambiguous", "payload_too_large"],
});

export const updateInstanceRoute = newRouter().openapi(route, async (c) => {
  const { name, labels, idleTimeoutSeconds } = c.req.valid("json");
  const patch = {
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels }),
    ...(idleTimeoutSeconds === undefined ? {} : { idleTimeoutSeconds }),
  };
  const { ctx } = c.var;
  const row = await updateInstance(ctx, c.req.valid("param").id, patch);
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json({ instance: toInstance(row, ctx.config, latest) }, 200);
});
