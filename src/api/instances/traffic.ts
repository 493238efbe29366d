import { z } from "@hono/zod-openapi";
import { readTraffic } from "../../services/traffic/read.ts";
import { sumOf } from "../../services/traffic/sum.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";
import { isoTime } from "./schema.ts";

const Time = z.iso.datetime({ offset: true }).openapi({ example: "2026-11-20T08:00:00Z" });

const Sum = z.object({
  requests: z.int(),
  websockets: z.int().openapi({ description: "Of the requests, WebSockets that were handed through." }),
  errors: z
    .int()
    .openapi({ description: "Of the requests, answered with 5xx, by the agent or in its place." }),
  bytesIn: z
    .int()
    .openapi({ description: "By Content-Length: what streams without a length is not counted." }),
  bytesOut: z.int().openapi({ description: "By Content-Length, without what went over WebSockets." }),
});

const Hour = Sum.extend({
  hour: z.iso.datetime().openapi({ description: "Its beginning." }),
  latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable().openapi({
    description: "Until the agent began to answer, with the way there; null when it answered nothing.",
  }),
}).openapi("TrafficHour");

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/traffic",
    operationId: "getInstanceTraffic",
    summary: "What went through an instance's address, by hour",
    description:
      "Requests, errors, bytes and latency, newest hour first. A request is here a few seconds to a minute after it was " +
      "answered, and for three months. By its whole id also of an instance that was deleted, or handed on to another " +
      "account: each account sees its own time.",
    tags: ["instances"],
    request: {
      params: IdParam,
      query: z.object({
        from: Time.optional().openapi({
          description: "The hour that holds it is the first; by default 24 before `to`.",
        }),
        to: Time.optional().openapi({ description: "Up to here, in whole hours; by default now." }),
      }),
    },
    responses: {
      200: jsonResponse(
        "Every hour of that time, at most 744 of them.",
        z.object({
          traffic: z.array(Hour),
          total: Sum.openapi("TrafficSum"),
          from: z.iso.datetime(),
          to: z.iso.datetime(),
          sampled: z.boolean().openapi({
            description: "There was so much that the numbers are estimates, from a part of the requests.",
          }),
        }),
      ),
    },
  },
  errors: [
    "invalid_request",
    "not_found",
    "ambiguous",
    "not_configured",
    "vendor_failed",
    "vendor_unavailable",
  ],
});

export const getInstanceTrafficRoute = newRouter().openapi(route, async (c) => {
  const { from, to, hours, sampled } = await readTraffic(
    c.var.ctx,
    c.req.valid("param").id,
    c.req.valid("query"),
  );
  const traffic = hours.map(({ hour, latency, ...sum }) => ({
    hour: isoTime(hour),
    ...sum,
    latencyMs: latency,
  }));
  return c.json({ traffic, total: sumOf(hours), from: isoTime(from), to: isoTime(to), sampled }, 200);
});
