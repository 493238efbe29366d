import { createRoute, OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Env } from "../env.ts";
import { AppError, ERRORS, type ErrorCode } from "../errors.ts";
import type { Ctx } from "../services/context.ts";

export interface ApiEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Set by the authentication; public routes have none. */
    ctx: Ctx;
    /** What a POST that makes something is to call it: the id that its Idempotency-Key reserved, else a new one. */
    reservedId: string | undefined;
  };
}
export type ApiContext = Context<ApiEnv>;

export const ErrorSchema = z
  .object({
    error: z.string().openapi({ description: "A sentence for a person." }),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    requestId: z.string(),
    hint: z.string().optional().openapi({ description: "What to do." }),
    details: z.array(z.unknown()).optional(),
  })
  .openapi("Error");

/** The OpenAPI responses of exactly these errors, from the one table. */
function errorResponses(codes: readonly ErrorCode[]): RouteConfig["responses"] {
  const statuses = new Map<number, string[]>();
  for (const code of codes) {
    const { status, description } = ERRORS[code];
    statuses.set(status, [...(statuses.get(status) ?? []), `\`${code}\`: ${description}`]);
  }
  return Object.fromEntries(
    [...statuses].map(([status, lines]) => [
      status,
      { description: lines.join(" "), content: { "application/json": { schema: ErrorSchema } } },
    ]),
  );
}

interface Endpoint<R extends RouteConfig> {
  route: R;
  errors: readonly ErrorCode[];
}

const COMMON = ["unauthorized", "account_suspended", "forbidden", "rate_limited", "internal"] as const;

/** One endpoint's description. Lists exactly the errors it can answer with; those of every request are added. */
export function endpoint<const R extends RouteConfig>({ route, errors }: Endpoint<R>): R {
  const responses = { ...errorResponses([...COMMON, ...errors]), ...route.responses };
  return createRoute({ security: [{ token: [] }, { session: [] }], ...route, responses }) as R;
}

/** An endpoint for the operator alone; to everybody else there is nothing there. */
export function operatorEndpoint<const R extends RouteConfig>({ route, errors }: Endpoint<R>): R {
  const responses = {
    ...errorResponses([...new Set(["not_found", ...errors, "internal"] as const)]),
    ...route.responses,
  };
  return createRoute({ security: [{ operator: [] }], tags: ["operator"], ...route, responses }) as R;
}

/** An endpoint that anybody may call. */
export function publicEndpoint<const R extends RouteConfig>({ route, errors }: Endpoint<R>): R {
  return createRoute({
    security: [],
    ...route,
    responses: { ...errorResponses(errors), ...route.responses },
  }) as R;
}

export function jsonResponse<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { "application/json": { schema } } };
}

export function jsonBody<S extends z.ZodType>(schema: S) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

/** A router whose validation failures are ours: a code, and each field that is wrong. */
export function newRouter(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) {
        throw invalidRequest(result.error.issues);
      }
    },
  });
}

function invalidRequest(issues: readonly z.core.$ZodIssue[]): AppError {
  const details = issues.map((issue) => ({ field: issue.path.join("."), problem: issue.message }));
  const first = details[0];
  const where = first?.field ? `"${first.field}": ` : "";
  return new AppError("invalid_request", `The request is not valid: ${where}${first?.problem ?? "unknown"}`, {
    details,
    hint: "See /docs for what this endpoint takes.",
  });
}

export const IdParam = z.object({
  id: z
    .string()
    .min(1)
    .max(100)
    .openapi({ description: "An id, a subdomain, or an unambiguous prefix of either." }),
});

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(500),
  cursor: z.string().max(100).optional(),
});
