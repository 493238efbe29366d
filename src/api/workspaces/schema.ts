import { z } from "@hono/zod-openapi";
import { SpecSchema } from "../instances/schema.ts";

export const WorkspaceParam = z.object({
  workspaceId: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/, "must be letters, digits and . _ : @ -, at most 128")
    .openapi({ description: "Your own name for the workspace.", example: "ws-42" }),
});

export const GoalSchema = z
  .string()
  .max(1_000)
  .openapi({ description: "What the body is wanted for: the name of a new one.", example: "Fix the build" });

export const BodySpecSchema = SpecSchema.partial().strict();

export const ImageSchema = z
  .string()
  .max(512)
  .regex(/^[a-z0-9][A-Za-z0-9._:/@-]*$/, "must be an image's reference")
  .openapi({ example: "nikolaik/python-nodejs:python3.12-nodejs22" });

/** What making a body can be refused with. */
export const BODY_ERRORS = [
  "invalid_json",
  "invalid_request",
  "unknown_region",
  "invalid_size",
  "quota_exceeded",
  "budget_exceeded",
  "invalid_state",
  "payload_too_large",
  "not_configured",
] as const;
