import { Hono } from "hono";
import * as z from "zod";
import type { AnalyticsStore } from "../analytics/store.ts";
import { badRequest } from "../errors.ts";
import { type ApiEnv, body, identifier, param } from "./http.ts";

/** The vendor's limits of one point. */
const INDEX_BYTES = 96;
const BLOBS_BYTES = 16 * 1024;
const VALUES = 20;

const points = z
  .array(
    z.object({
      at: z.int().positive().optional(),
      indexes: z.array(z.string()).max(1).default([]),
      blobs: z.array(z.string()).max(VALUES).default([]),
      doubles: z.array(z.number()).max(VALUES).default([]),
      sampleInterval: z.int().positive().default(1),
    }),
  )
  .max(10_000);

/** The dialect's own endpoint: the query is the body, and the answer stands in no envelope. */
export function analyticsRoutes(store: AnalyticsStore): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.post("/sql", async (c) => {
    identifier(c, "account");
    return c.json(store.ask(await c.req.text()));
  });
  return routes;
}

/** What the vendor's runtime does by a binding. Here the binding is ours, and comes by HTTP. */
export function datasetRoutes(store: AnalyticsStore): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.post("/:dataset", async (c) => {
    const dataset = param(c, "dataset");
    if (!/^[A-Za-z_]\w*$/.test(dataset)) throw badRequest("not a dataset's name");
    const now = Date.now();
    const rows = (await body(c, points)).map(({ at = now, indexes, ...rest }) => ({
      at,
      index: indexes[0] ?? "",
      ...rest,
    }));
    for (const { index, blobs } of rows) {
      if (Buffer.byteLength(index) > INDEX_BYTES)
        throw badRequest(`an index has at most ${INDEX_BYTES} bytes`);
      if (Buffer.byteLength(blobs.join("")) > BLOBS_BYTES)
        throw badRequest(`a point's blobs have at most ${BLOBS_BYTES} bytes`);
    }
    store.add(dataset, rows);
    return c.body(null, 204);
  });
  return routes;
}
