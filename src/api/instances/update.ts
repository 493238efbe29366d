import { z } from "@hono/zod-openapi";
import { latestReleases } from "../../services/catalog/live.ts";
import { updateInstance } from "../../services/instances/update.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { IdleSchema, LabelsSchema, NameSchema } from "./create.ts";
import { AccessSchema, InstanceSchema, toInstance } from "./schema.ts";

const Body = z
  .strictObject({
    name: NameSchema.optional(),
    labels: LabelsSchema.optional().openapi({ description: "Replaces all labels." }),
    access: AccessSchema.optional(),
    idleTimeoutSeconds: IdleSchema.optional(),
    wakeAt: z.iso.datetime({ offset: true }).nullable().optional().openapi({
      description:
        "Wakes it once, then, where it is suspended; one that was stopped stays stopped, and its events say so. Missed while we were down it is made up for, once. Null: not.",
      example: "2026-12-01T08:00:00.000Z",
    }),
    wakeCron: z.string().max(100).nullable().optional().openapi({
      description: "The same whenever this says: five fields of cron, read in UTC. Null: not.",
      example: "0 9 * * 1-5",
    }),
  })
  .refine((body) => Object.keys(body).length > 0, "at least one field is needed")
  .openapi("UpdateInstance");

const route = endpoint({
  route: {
    method: "patch",
    path: "/instances/{id}",
    operationId: "updateInstance",
    summary: "Change an instance's name, labels and access, when it sleeps, and when it wakes",
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
  const { name, labels, access, idleTimeoutSeconds, wakeAt, wakeCron } = c.req.valid("json");
  const patch = {
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels }),
    ...(access === undefined ? {} : { access }),
    ...(idleTimeoutSeconds === undefined ? {} : { idleTimeoutSeconds }),
    ...(wakeAt === undefined ? {} : { wakeAt: wakeAt === null ? null : Date.parse(wakeAt) }),
    ...(wakeCron === undefined ? {} : { wakeCron }),
  };
  const { ctx } = c.var;
  const row = await updateInstance(ctx, c.req.valid("param").id, patch);
  const latest = await latestReleases(ctx.env, ctx.now);
  return c.json({ instance: toInstance(row, ctx.config, latest) }, 200);
});
