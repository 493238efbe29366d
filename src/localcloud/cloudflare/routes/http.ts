/** What every route of the API shares. */
import type * as z from "zod";
import type { ApiContext } from "../../fly/routes/http.ts";
import type { CloudflareCloud } from "../cloud.ts";
import { badRequest, noRoute } from "../errors.ts";

export { type ApiContext, type ApiEnv, param } from "../../fly/routes/http.ts";

export interface RouteContext {
  cloud: CloudflareCloud;
}

const IDENTIFIER = /^[0-9a-f]{32}$/;

export async function body<T>(c: ApiContext, schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse(await c.req.text());
  } catch {
    throw badRequest("request body is not valid JSON");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
}

/** Of an account or a zone: whatever has the right form is one. */
export function identifier(c: ApiContext, name: string): string {
  const id = c.req.param(name) ?? "";
  if (!IDENTIFIER.test(id)) throw noRoute(c.req.path);
  return id;
}

export function success(c: ApiContext, result: unknown): Response {
  return c.json({ success: true, errors: [], messages: [], result });
}

export function successPage(c: ApiContext, items: object[], defaultPerPage: number): Response {
  const page = Math.max(1, Number(c.req.query("page") ?? 1));
  const perPage = Math.max(1, Number(c.req.query("per_page") ?? defaultPerPage));
  const result = items.slice((page - 1) * perPage, page * perPage);
  return c.json({
    success: true,
    errors: [],
    messages: [],
    result,
    result_info: {
      page,
      per_page: perPage,
      count: result.length,
      total_count: items.length,
      total_pages: Math.ceil(items.length / perPage),
    },
  });
}
