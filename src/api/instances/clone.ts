import { z } from "@hono/zod-openapi";
import { instanceUrl } from "../../env.ts";
import { newInstanceId } from "../../ids.ts";
import type { State } from "../../instance/states.ts";
import { cloneInstance } from "../../services/instances/clone.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { NameSchema } from "./create.ts";
import { CreatedSchema } from "./schema.ts";

const Body = z
  .strictObject({
    name: NameSchema.optional(),
    apiKey: z.string().max(1_024).optional().openapi({ description: "Absent: the source's own." }),
    copyData: z
      .boolean()
      .default(false)
      .openapi({ description: "Begin with a copy of the source's volume." }),
  })
  .openapi("CloneInstance");

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/clone",
    operationId: "cloneInstance",
    summary: "A new instance on the current release with the same configuration",
    description:
      "With an address and generated secrets of its own. The source is not touched; the data of one that runs is copied " +
      "as it lies on the disk, so stop it first where its agent could be in the middle of a write.",
    tags: ["instances"],
    request: { params: IdParam, ...jsonBody(Body) },
    responses: { 202: jsonResponse("Accepted; it is being created.", CreatedSchema) },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "model_not_accepted",
    "invalid_api_key",
    "unknown_region",
    "invalid_size",
    "not_found",
    "ambiguous",
    "invalid_state",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
    "not_configured",
  ],
});

export const cloneInstanceRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const id = c.var.reservedId ?? newInstanceId();
  const row = await cloneInstance(ctx, c.req.valid("param").id, { ...c.req.valid("json"), id });
  const created = {
    id: row.id,
    subdomain: row.subdomain,
    status: row.state as State,
    url: instanceUrl(ctx.config, row.subdomain),
    errorMessage: row.problem?.message ?? null,
    hint: row.problem?.hint ?? null,
  };
  return c.json(created, 202);
});
