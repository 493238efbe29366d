import { z } from "@hono/zod-openapi";
import { listPeriods } from "../../services/instances/read.ts";
import { endpoint, IdParam, jsonResponse, newRouter, PageQuery } from "../route.ts";
import { isoTime, SpecSchema, StatusSchema } from "./schema.ts";

const PeriodSchema = z
  .object({
    state: StatusSchema,
    meter: z
      .enum(["none", "paused", "running"])
      .openapi({ description: "`running`: compute and volume; `paused`: the volume." }),
    spec: SpecSchema,
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    generation: z.int(),
    reason: z.string(),
    actor: z.string(),
  })
  .openapi("Period");

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/periods",
    operationId: "listPeriods",
    summary: "State periods, newest first",
    tags: ["instances"],
    request: { params: IdParam, query: PageQuery },
    responses: {
      200: jsonResponse(
        "Gapless, half-open periods.",
        z.object({ periods: z.array(PeriodSchema), nextCursor: z.string().nullable() }),
      ),
    },
  },
  errors: ["invalid_request", "not_found", "ambiguous"],
});

export const listPeriodsRoute = newRouter().openapi(route, async (c) => {
  const { items, nextCursor } = await listPeriods(c.var.ctx, c.req.valid("param").id, c.req.valid("query"));
  const periods = items.map((row) => ({
    state: row.state as z.infer<typeof StatusSchema>,
    meter: row.meter as z.infer<typeof PeriodSchema>["meter"],
    spec: row.spec,
    startedAt: isoTime(row.startedAt),
    endedAt: row.endedAt === null ? null : isoTime(row.endedAt),
    generation: row.generation,
    reason: row.reason,
    actor: row.actor,
  }));
  return c.json({ periods, nextCursor }, 200);
});
