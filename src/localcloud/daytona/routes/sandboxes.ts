import { Hono } from "hono";
import * as z from "zod";
import { invalid } from "../errors.ts";
import type { SandboxRecord } from "../records.ts";
import { itemView, sandboxView } from "../views.ts";
import { type ApiContext, type ApiEnv, type DaytonaRoutes, param, read } from "./http.ts";

const strings = z.record(z.string(), z.string());
const minutes = z.int();

const createSandbox = z.looseObject({
  name: z.string().min(1).max(128).optional(),
  snapshot: z.string().optional(),
  user: z.string().optional(),
  env: strings.optional(),
  labels: strings.optional(),
  public: z.boolean().optional(),
  networkBlockAll: z.boolean().optional(),
  networkAllowList: z.string().optional(),
  target: z.string().optional(),
  cpu: z.int().positive().optional(),
  memory: z.int().positive().optional(),
  disk: z.int().positive().optional(),
  autoStopInterval: minutes.nonnegative().optional(),
  autoArchiveInterval: minutes.nonnegative().optional(),
  autoDeleteInterval: minutes.optional(),
  buildInfo: z.looseObject({ dockerfileContent: z.string() }).optional(),
});

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 200;

function matches(record: SandboxRecord, query: Record<string, string>, states: string[]): boolean {
  const { id = "", name = "", labels } = query;
  const wanted = labels === undefined ? {} : parseLabels(labels);
  return (
    record.id.startsWith(id.toLowerCase()) &&
    record.name.toLowerCase().startsWith(name.toLowerCase()) &&
    (states.length === 0 || states.includes(record.state)) &&
    Object.entries(wanted).every(([key, value]) => record.labels[key] === value)
  );
}

function parseLabels(text: string): Record<string, string> {
  try {
    return strings.parse(JSON.parse(text));
  } catch {
    throw invalid("labels must be a JSON object of strings");
  }
}

/** The cursor is opaque to callers: here it is where the page before ended. */
function pageOf(records: SandboxRecord[], limit: number, cursor: string | undefined) {
  const from = cursor === undefined ? 0 : Number(Buffer.from(cursor, "base64url").toString());
  if (!Number.isInteger(from)) throw invalid("Invalid cursor");
  const until = from + limit;
  const nextCursor = until < records.length ? Buffer.from(String(until)).toString("base64url") : null;
  return { page: records.slice(from, until), nextCursor };
}

export function sandboxRoutes({ cloud, toolboxUrl }: DaytonaRoutes): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const find = (c: ApiContext) => cloud.get(param(c, "sandbox"));
  const show = (c: ApiContext, record: SandboxRecord) => c.json(sandboxView(record, toolboxUrl()));

  routes.get("/sandbox", (c) => {
    const limit = Number(c.req.query("limit") ?? DEFAULT_PAGE);
    if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
      throw invalid(`limit must not be greater than ${LARGEST_PAGE}`);
    }
    const states = c.req.queries("states") ?? [];
    const records = cloud
      .list()
      .map(({ record }) => record)
      .filter((record) => matches(record, c.req.query(), states));
    const { page, nextCursor } = pageOf(records, limit, c.req.query("cursor"));
    return c.json({ items: page.map((record) => itemView(record, toolboxUrl())), nextCursor });
  });

  routes.post("/sandbox", async (c) => {
    const { buildInfo, ...wanted } = await read(c, createSandbox);
    const { record } = cloud.create({ ...wanted, dockerfile: buildInfo?.dockerfileContent }, c.get("fate"));
    return show(c, record);
  });

  routes.get("/sandbox/:sandbox", (c) => show(c, find(c).record));

  routes.delete("/sandbox/:sandbox", (c) => {
    const sandbox = find(c);
    sandbox.destroy(c.get("fate"));
    return show(c, sandbox.record);
  });

  routes.post("/sandbox/:sandbox/start", (c) => {
    const sandbox = find(c);
    sandbox.start(c.get("fate"));
    return show(c, sandbox.record);
  });

  routes.post("/sandbox/:sandbox/stop", (c) => {
    const sandbox = find(c);
    sandbox.stop(c.req.query("force") === "true", c.get("fate"));
    return show(c, sandbox.record);
  });

  routes.post("/sandbox/:sandbox/pause", (c) => {
    const sandbox = find(c);
    sandbox.pause(c.get("fate"));
    return show(c, sandbox.record);
  });

  routes.put("/sandbox/:sandbox/labels", async (c) => {
    const { record } = find(c);
    const { labels } = await read(c, z.looseObject({ labels: strings }));
    record.labels = labels;
    return c.json({ labels });
  });

  routes.post("/sandbox/:sandbox/autostop/:interval", (c) => {
    const { record } = find(c);
    const interval = Number(param(c, "interval"));
    if (!Number.isInteger(interval) || interval < 0) throw invalid("Auto-stop interval must be non-negative");
    record.autoStopInterval = interval;
    return show(c, record);
  });

  routes.post("/sandbox/:sandbox/last-activity", (c) => {
    find(c).touch();
    return c.body(null, 201);
  });

  routes.get("/sandbox/:sandbox/toolbox-proxy-url", (c) => {
    find(c);
    return c.json({ url: toolboxUrl() });
  });

  return routes;
}
