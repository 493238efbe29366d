import { z } from "@hono/zod-openapi";
import { listMeteredPeriods } from "../../services/usage/periods.ts";
import { isoTime, SpecSchema, StatusSchema } from "../instances/schema.ts";
import { endpoint, jsonResponse, newRouter } from "../route.ts";
import { InstanceFilter, UsageQuery } from "./schema.ts";

const MeteredPeriodSchema = z
  .object({
    instanceId: z.string(),
    seq: z.int(),
    state: StatusSchema,
    meter: z.enum(["none", "paused", "running"]),
    spec: SpecSchema,
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    supersededAt: z.iso.datetime().nullable().openapi({
      description: "Of a period that was never closed: where the one that followed it begins.",
    }),
  })
  .openapi("MeteredPeriod");

const route = endpoint({
  route: {
    method: "get",
    path: "/usage/periods",
    operationId: "listUsagePeriods",
    summary: "The periods that usage is made of, oldest first",
    tags: ["usage"],
    request: { query: UsageQuery.extend({ instance: InstanceFilter }) },
    responses: {
      200: jsonResponse(
        "All that reach into the days, across instances.",
        z.object({ periods: z.array(MeteredPeriodSchema), nextCursor: z.string().nullable() }),
      ),
    },
  },
  errors: ["invalid_request"],
});

export const listUsagePeriodsRoute = newRouter().openapi(route, async (c) => {
  const { items, nextCursor } = await listMeteredPeriods(c.var.ctx, c.req.valid("query"));
  const periods = items.map((row) => ({
    instanceId: row.instanceId,
    seq: row.seq,
    state: row.state as z.infer<typeof StatusSchema>,
    meter: row.meter as "none" | "paused" | "running",
    spec: row.spec,
    startedAt: isoTime(row.startedAt),
    endedAt: row.endedAt === null ? null : isoTime(row.endedAt),
    supersededAt: row.supersededAt === null ? null : isoTime(row.supersededAt),
  }));
  return c.json({ periods, nextCursor }, 200);
});
