import { z } from "@hono/zod-openapi";
import type { Usage, UsageLine } from "../../services/usage/read.ts";
import { formatDay } from "../../usage/day.ts";
import type { RateCard } from "../../usage/rate-card.ts";
import { isoTime } from "../instances/schema.ts";
import { PageQuery } from "../route.ts";

const Day = z.iso.date().openapi({ example: "2026-11-20", description: "A UTC day." });

export const WindowQuery = z.object({
  from: Day.optional().openapi({ description: "The first day; by default thirty days up to `to`." }),
  to: Day.optional().openapi({ description: "The last day, included; by default today." }),
});

export const UsageQuery = PageQuery.extend(WindowQuery.shape);

export const InstanceFilter = z.string().max(100).optional().openapi({
  description: "A whole instance id; also of one that was deleted or handed on.",
});

const Quantities = z.object({
  runningSeconds: z.number().openapi({ description: "While the machine was started; to the millisecond." }),
  pausedSeconds: z.number().openapi({ description: "While only the volume was held." }),
  volumeGbSeconds: z.number(),
  costMicros: z.int().openapi({ description: "By the vendor's list prices, in millionths of a US dollar." }),
  estimated: z.literal(true).openapi({ description: "The cost is an estimate; nothing is debited." }),
});

export const TotalSchema = Quantities.openapi("UsageTotal");

export const UsageSchema = Quantities.extend({
  day: Day.nullable(),
  instanceId: z.string().nullable(),
  name: z.string().nullable(),
  final: z.boolean().openapi({ description: "The days are over, and nothing came in late." }),
  countedTo: z.iso.datetime().nullable().openapi({ description: "How far a single row's day is counted." }),
  reopened: z.boolean().openapi({ description: "Something came in late; the next run counts it again." }),
}).openapi("Usage");

export const RateCardSchema = z
  .object({
    version: z.string(),
    provider: z.string(),
    effectiveFrom: Day,
    source: z.string(),
    retrieved: Day,
    doubtful: z.array(z.string()),
    excluded: z.array(z.string()),
    billsWhileOff: z
      .boolean()
      .openapi({ description: "A machine that is off costs what it costs when it runs." }),
  })
  .openapi("RateCard");

export const CountedTo = z.iso.datetime().nullable().openapi({
  description: "Everything that was known at this moment has been counted up to it.",
});

export function toQuantities({
  runningMs,
  pausedMs,
  volumeGbMs,
  costMicros,
}: Usage): z.infer<typeof Quantities> {
  return {
    runningSeconds: runningMs / 1000,
    pausedSeconds: pausedMs / 1000,
    volumeGbSeconds: volumeGbMs / 1000,
    costMicros,
    estimated: true,
  };
}

export function toUsage(line: UsageLine): z.infer<typeof UsageSchema> {
  return {
    day: line.day === null ? null : formatDay(line.day),
    instanceId: line.instanceId,
    name: line.name,
    ...toQuantities(line),
    final: line.final,
    countedTo: line.countedTo === null ? null : isoTime(line.countedTo),
    reopened: line.reopened,
  };
}

export function toRateCard(card: RateCard): z.infer<typeof RateCardSchema> {
  const {
    version,
    provider,
    effectiveFrom,
    source,
    retrieved,
    doubtful,
    excluded,
    billsWhileOff = false,
  } = card;
  return {
    version,
    provider,
    effectiveFrom,
    source,
    retrieved,
    doubtful: [...doubtful],
    excluded: [...excluded],
    billsWhileOff,
  };
}
