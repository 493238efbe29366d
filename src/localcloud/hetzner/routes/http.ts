/** What every route of the API shares. */
import type * as z from "zod";
import type { ApiContext } from "../../fly/routes/http.ts";
import type { HetznerCloud } from "../cloud.ts";
import { HetznerError, invalidInput, jsonError, notFound } from "../errors.ts";
import { selector } from "../labels.ts";

export { type ApiContext, type ApiEnv, param } from "../../fly/routes/http.ts";

export interface RouteContext {
  cloud: HetznerCloud;
}

const PER_PAGE = 25;
const MOST_PER_PAGE = 50;

export async function body<T>(c: ApiContext, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  let value: unknown = {};
  try {
    if (text.trim() !== "") value = JSON.parse(text);
  } catch {
    throw jsonError();
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({
    name: path.join("."),
    messages: [message],
  }));
  throw new HetznerError(422, "invalid_input", `invalid input in field '${fields[0]?.name}'`, { fields });
}

export function idOf(c: ApiContext, what: string, name = "id"): number {
  const text = c.req.param(name) ?? "";
  if (!/^\d+$/.test(text)) throw notFound(what, text);
  return Number(text);
}

function number(c: ApiContext, name: string, otherwise: number): number {
  const value = Number(c.req.query(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 1) throw invalidInput(name, "must be a positive number");
  return value;
}

interface Listed {
  id: number;
  name?: string;
  labels?: Record<string, string>;
  status?: string;
}

/** Filtered and sorted as asked, one page of it. */
export function page<T extends Listed, V>(
  c: ApiContext,
  key: string,
  records: Iterable<T>,
  view: (record: T) => V,
): Response {
  const name = c.req.query("name");
  const fits = selector(c.req.query("label_selector") ?? "");
  const statuses = c.req.queries("status") ?? [];
  const found = [...records].filter(
    (record) =>
      (name === undefined || record.name === name) &&
      fits(record.labels ?? {}) &&
      (statuses.length === 0 || statuses.includes(record.status ?? "")),
  );
  if (c.req.query("sort")?.endsWith(":desc")) found.sort((a, b) => b.id - a.id);
  const wanted = number(c, "page", 1);
  const perPage = Math.min(number(c, "per_page", PER_PAGE), MOST_PER_PAGE);
  const lastPage = Math.max(1, Math.ceil(found.length / perPage));
  const pagination = {
    page: wanted,
    per_page: perPage,
    previous_page: wanted > 1 ? wanted - 1 : null,
    next_page: wanted < lastPage ? wanted + 1 : null,
    last_page: lastPage,
    total_entries: found.length,
  };
  const shown = found.slice((wanted - 1) * perPage, wanted * perPage);
  return c.json({ [key]: shown.map(view), meta: { pagination } });
}
