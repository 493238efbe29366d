import { Hono } from "hono";
import * as z from "zod";
import { DNS_TYPES, type DnsRecord } from "../records.ts";
import { recordView } from "../views.ts";
import {
  type ApiContext,
  type ApiEnv,
  body,
  identifier,
  param,
  type RouteContext,
  success,
  successPage,
} from "./http.ts";

const createRecord = z.object({
  type: z.enum(DNS_TYPES),
  name: z.string().min(1).max(255),
  content: z.string().min(1),
  proxied: z.boolean().default(false),
  /** 1 means automatic. */
  ttl: z.number().default(1),
  comment: z.string().max(100).nullish(),
  tags: z.array(z.string()).default([]),
});

const changeRecord = z.object({
  type: z.enum(DNS_TYPES).optional(),
  name: z.string().min(1).max(255).optional(),
  content: z.string().min(1).optional(),
  proxied: z.boolean().optional(),
  ttl: z.number().optional(),
  comment: z.string().max(100).nullish(),
  tags: z.array(z.string()).optional(),
});

/** The API's filters are field and way of comparing, with a dot between. */
const COMPARE: Record<string, (value: string, wanted: string) => boolean> = {
  exact: (value, wanted) => value === wanted,
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
};

function matches(record: DnsRecord, query: Record<string, string>): boolean {
  return Object.entries(query).every(([key, raw]) => {
    const [field = "", how = "exact"] = key.split(".");
    const wanted = raw.toLowerCase();
    if (field === "type" || field === "name" || field === "content" || field === "comment") {
      return COMPARE[how]?.((record[field] ?? "").toLowerCase(), wanted) ?? true;
    }
    return field === "proxied" ? String(record.proxied) === wanted : true;
  });
}

export function dnsRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const known = (c: ApiContext) => cloud.getRecord(identifier(c, "zone"), param(c, "record"));

  routes.get("/", (c) => {
    const found = cloud.recordsOf(identifier(c, "zone")).filter((record) => matches(record, c.req.query()));
    return successPage(c, found.map(recordView), 100);
  });

  routes.post("/", async (c) => {
    const zone = identifier(c, "zone");
    const { type, name, content, proxied, ttl, comment, tags } = await body(c, createRecord);
    const wanted = { type, name, content, proxied, ttl, comment: comment ?? null, tags };
    return success(c, recordView(cloud.createRecord(zone, wanted)));
  });

  routes.get("/:record", (c) => success(c, recordView(known(c))));

  routes.patch("/:record", async (c) => {
    const change = await body(c, changeRecord);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    return success(c, recordView(cloud.changeRecord(known(c), given)));
  });

  routes.put("/:record", async (c) => {
    const { type, name, content, proxied, ttl, comment, tags } = await body(c, createRecord);
    const change = { type, name, content, proxied, ttl, comment: comment ?? null, tags };
    return success(c, recordView(cloud.changeRecord(known(c), change)));
  });

  routes.delete("/:record", (c) => {
    const record = known(c);
    cloud.deleteRecord(record);
    return success(c, { id: record.id });
  });

  return routes;
}
