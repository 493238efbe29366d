import { z } from "@hono/zod-openapi";
import { instanceUrl } from "../../env.ts";
import { newInstanceId } from "../../ids.ts";
import type { State } from "../../instance/states.ts";
import { createInstance } from "../../services/instances/create.ts";
import {
  LABEL_NAME,
  MAX_IDLE_SECONDS,
  MAX_LABEL_LENGTH,
  MAX_LABELS,
  MAX_NAME_LENGTH,
} from "../../services/instances/field-rules.ts";
import { PUBLIC_PROVIDERS } from "../../services/instances/placement.ts";
import { endpoint, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { AccessSchema, CreatedSchema, SpecSchema } from "./schema.ts";

const EnvSchema = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be a variable's name"),
    z.string().max(8_192),
  )
  .refine((env) => Object.keys(env).length <= 100, "at most 100 variables");

export const LabelsSchema = z
  .record(z.string().regex(LABEL_NAME, "must be a label's name"), z.string().max(MAX_LABEL_LENGTH))
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `at most ${MAX_LABELS} labels`);

export const NameSchema = z.string().trim().min(1).max(MAX_NAME_LENGTH);

export const IdleSchema = z.int().min(1).max(MAX_IDLE_SECONDS).nullable().openapi({
  description:
    "Suspended after so long without work: requests and open connections, commands, terminals, holds, and what the agent itself reports; the next request wakes it. Null: never. With an address only where the vendor suspends machines: at Fly, up to 2048 MB.",
});

const Body = z
  .strictObject({
    name: NameSchema.optional(),
    agentType: z.string().min(1).max(64).openapi({ example: "claude-code" }),
    modelProvider: z.string().min(1).max(64).openapi({ example: "anthropic" }),
    modelName: z.string().min(1).max(200).openapi({ example: "claude-sonnet-4-6" }),
    apiKey: z
      .string()
      .max(1_024)
      .openapi({ description: "The key of the model's provider. Sealed at rest, never read back." }),
    region: z.string().max(16).optional().openapi({ example: "iad" }),
    provider: z.enum(PUBLIC_PROVIDERS).optional().openapi({
      description: "Absent: the one that has the region, else the deployment's default.",
    }),
    spec: SpecSchema.partial().strict().optional(),
    env: EnvSchema.optional(),
    labels: LabelsSchema.optional(),
    access: AccessSchema.optional(),
    idleTimeoutSeconds: IdleSchema.optional(),
  })
  .openapi("CreateInstance");

const route = endpoint({
  route: {
    method: "post",
    path: "/instances",
    operationId: "createInstance",
    summary: "Create an instance",
    tags: ["instances"],
    request: {
      ...jsonBody(Body),
      query: z.object({
        wait: z.coerce
          .number()
          .int()
          .min(0)
          .max(120)
          .default(0)
          .openapi({ description: "Seconds to wait for it to run." }),
      }),
    },
    responses: {
      201: jsonResponse("It runs, or has failed and says why.", CreatedSchema),
      202: jsonResponse("Accepted; it is being created.", CreatedSchema),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "unknown_agent",
    "model_not_accepted",
    "invalid_api_key",
    "unknown_region",
    "invalid_size",
    "quota_exceeded",
    "budget_exceeded",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
    "not_configured",
  ],
});

export const createInstanceRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const body = c.req.valid("json");
  const id = c.var.reservedId ?? newInstanceId();
  const row = await createInstance(ctx, { ...body, id, waitSeconds: c.req.valid("query").wait });
  const created = {
    id: row.id,
    subdomain: row.subdomain,
    status: row.state as State,
    url: instanceUrl(ctx.config, row.subdomain),
    errorMessage: row.problem?.message ?? null,
    hint: row.problem?.hint ?? null,
  };
  return row.state === "creating" ? c.json(created, 202) : c.json(created, 201);
});
