import { z } from "@hono/zod-openapi";
import { CSV_HEADERS, usageCsv } from "../../services/usage/csv.ts";
import { rateCards } from "../../services/usage/rate-card.ts";
import { countedTo, GROUPINGS, readUsage, totalUsage } from "../../services/usage/read.ts";
import { isoTime } from "../instances/schema.ts";
import { endpoint, newRouter } from "../route.ts";
import {
  CountedTo,
  InstanceFilter,
  RateCardSchema,
  TotalSchema,
  toQuantities,
  toRateCard,
  toUsage,
  UsageQuery,
  UsageSchema,
} from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/usage",
    operationId: "getUsage",
    summary: "Usage and estimated cost",
    description: "Derived from state periods alone. Deleted and transferred instances keep their past here.",
    tags: ["usage"],
    request: {
      query: UsageQuery.extend({ groupBy: z.enum(GROUPINGS).default("day"), instance: InstanceFilter }),
    },
    responses: {
      200: {
        description: "Newest first; with `Accept: text/csv` all of it, as CSV.",
        content: {
          "application/json": {
            schema: z.object({
              usage: z.array(UsageSchema),
              total: TotalSchema,
              countedTo: CountedTo,
              rateCards: z.array(RateCardSchema),
              nextCursor: z.string().nullable(),
            }),
          },
          "text/csv": { schema: z.string() },
        },
      },
    },
  },
  errors: ["invalid_request"],
});

export const getUsageRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const query = c.req.valid("query");
  if (c.req.header("Accept")?.includes("text/csv")) {
    return new Response(await usageCsv(ctx, query), { headers: CSV_HEADERS });
  }
  const page = await readUsage(ctx, query);
  const [total, counted] = await Promise.all([totalUsage(ctx, page.window, query), countedTo(ctx)]);
  const answer = {
    usage: page.lines.map(toUsage),
    total: toQuantities(total),
    countedTo: counted === null ? null : isoTime(counted),
    rateCards: rateCards(ctx.now).map(toRateCard),
    nextCursor: page.nextCursor,
  };
  return c.json(answer, 200);
});
