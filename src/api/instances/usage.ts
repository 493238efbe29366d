import { z } from "@hono/zod-openapi";
import { rateCards } from "../../services/usage/rate-card.ts";
import { countedTo, readUsage, resolveForUsage, totalUsage } from "../../services/usage/read.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";
import {
  CountedTo,
  RateCardSchema,
  TotalSchema,
  toQuantities,
  toRateCard,
  toUsage,
  UsageQuery,
  UsageSchema,
} from "../usage/schema.ts";
import { isoTime } from "./schema.ts";

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/usage",
    operationId: "getInstanceUsage",
    summary: "An instance's daily usage and estimated cost",
    description: "By its whole id also of an instance that was deleted, or handed on to another account.",
    tags: ["instances"],
    request: { params: IdParam, query: UsageQuery },
    responses: {
      200: jsonResponse(
        "Day by day, newest first.",
        z.object({
          usage: z.array(UsageSchema),
          total: TotalSchema,
          countedTo: CountedTo,
          rateCards: z.array(RateCardSchema),
          nextCursor: z.string().nullable(),
        }),
      ),
    },
  },
  errors: ["invalid_request", "not_found", "ambiguous"],
});

export const getInstanceUsageRoute = newRouter().openapi(route, async (c) => {
  const { ctx } = c.var;
  const instance = await resolveForUsage(ctx, c.req.valid("param").id);
  const page = await readUsage(ctx, { ...c.req.valid("query"), groupBy: "instance-day", instance });
  const [total, counted] = await Promise.all([totalUsage(ctx, page.window, { instance }), countedTo(ctx)]);
  const answer = {
    usage: page.lines.map(toUsage),
    total: toQuantities(total),
    countedTo: counted === null ? null : isoTime(counted),
    rateCards: rateCards(ctx.now).map(toRateCard),
    nextCursor: page.nextCursor,
  };
  return c.json(answer, 200);
});
