/** What every route of the API shares. */
import type * as z from "zod";
import type { ApiContext } from "../../fly/routes/http.ts";
import type { DaytonaCloud } from "../engine/cloud.ts";
import { invalid } from "../errors.ts";

export { type ApiContext, type ApiEnv, param } from "../../fly/routes/http.ts";

export interface DaytonaRoutes {
  cloud: DaytonaCloud;
  /** Where toolboxes are, without the sandbox. Known once somebody listens. */
  toolboxUrl(): string;
}

/** An absent body is an empty one. */
export async function read<T>(c: ApiContext, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  let value: unknown = {};
  try {
    if (text.trim() !== "") value = JSON.parse(text);
  } catch {
    throw invalid("Unexpected token in JSON");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.join(".") ?? ""} ${issue?.message ?? "invalid request"}`.trim());
}
