/** What every route of the API shares. */
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type * as z from "zod";
import type { Fate } from "../engine/actor.ts";
import type { FlyCloud } from "../engine/cloud.ts";
import { invalid } from "../errors.ts";

export interface ApiEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; fate: Fate };
}

export type ApiContext = Context<ApiEnv>;

export interface RouteContext {
  cloud: FlyCloud;
  /** The vendor would name a person or a token. */
  owner: string;
}

function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join(".");
  return path ? `${path}: ${issue?.message}` : (issue?.message ?? "invalid request");
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(explain(parsed.error));
  return parsed.data;
}

/** An absent body is an empty one: most actions need none. */
export async function body<T>(c: ApiContext, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  let value: unknown = {};
  try {
    if (text.trim() !== "") value = JSON.parse(text);
  } catch {
    throw invalid("request body is not valid JSON");
  }
  return parse(schema, value);
}

export function flag(c: ApiContext, name: string): boolean {
  return c.req.query(name) === "true";
}

/** A path parameter that the route's pattern guarantees. */
export function param(c: ApiContext, name: string): string {
  return c.req.param(name) ?? "";
}

/** A list in a query may repeat or use commas. */
export function list(c: ApiContext, name: string): string[] {
  return (c.req.queries(name) ?? []).flatMap((value) => value.split(",")).filter(Boolean);
}
