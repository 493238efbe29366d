import { z } from "@hono/zod-openapi";
import { type FleetMachine, readFleet } from "../services/bodies/fleet.ts";
import { isoTime, SpecSchema, StatusSchema } from "./instances/schema.ts";
import { endpoint, jsonResponse, newRouter } from "./route.ts";

const Estimated = z.literal(true).openapi({ description: "By list prices; nothing is debited." });
const Time = z.iso.datetime();

const Machine = z
  .object({
    id: z.string(),
    name: z.string(),
    agentType: z.string().openapi({ description: "`body`, or an agent of the catalog." }),
    exposure: z.enum(["public", "private"]),
    workspaceId: z.string().nullable(),
    provider: z.string(),
    region: z.string(),
    spec: SpecSchema,
    image: z.string(),
    state: StatusSchema,
    stateSince: Time,
    createdAt: Time,
    startedAt: Time.nullable().openapi({ description: "Since when it runs now; null while it does not." }),
    uptimeMs: z.int().openapi({
      description:
        "How long its machine has been started since it was made: not while it slept or was stopped.",
    }),
    computeCostMicros: z.int().openapi({ description: "Of that time, without the volume." }),
    estimated: Estimated,
  })
  .openapi("FleetMachine");

const route = endpoint({
  route: {
    method: "get",
    path: "/fleet",
    operationId: "readFleet",
    summary: "All machines of the account, how long they have run, and an estimate of what that cost",
    description:
      "Bodies are made on Fly, which `configured` tells of; without it, on Daytona, and each run says which it was.",
    tags: ["bodies"],
    responses: {
      200: jsonResponse(
        "Newest first. Nothing is asked of the vendors.",
        z.object({
          configured: z
            .boolean()
            .openapi({ description: "Whether Fly, the bodies' own substrate, is configured." }),
          providers: z.object({ fly: z.boolean(), hetzner: z.boolean(), daytona: z.boolean() }),
          machines: z.array(Machine),
          totals: z.object({
            machines: z.int(),
            started: z.int(),
            uptimeMs: z.int(),
            computeCostMicros: z.int(),
            estimated: Estimated,
          }),
        }),
      ),
    },
  },
  errors: [],
});

export const readFleetRoute = newRouter().openapi(route, async (c) => {
  const { providers, machines } = await readFleet(c.var.ctx);
  const sum = (of: (machine: FleetMachine) => number) =>
    machines.reduce((total, machine) => total + of(machine), 0);
  return c.json(
    {
      configured: providers.fly,
      providers,
      machines: machines.map(toMachine),
      totals: {
        machines: machines.length,
        started: machines.filter(({ startedAt }) => startedAt !== null).length,
        uptimeMs: sum(({ uptimeMs }) => uptimeMs),
        computeCostMicros: sum(({ computeCostMicros }) => computeCostMicros),
        estimated: true as const,
      },
    },
    200,
  );
});

function toMachine({ row, startedAt, uptimeMs, computeCostMicros }: FleetMachine): z.infer<typeof Machine> {
  return {
    id: row.id,
    name: row.name,
    agentType: row.agentType,
    exposure: row.exposure,
    workspaceId: row.workspaceId,
    provider: row.provider,
    region: row.region,
    spec: row.spec,
    image: row.image,
    state: StatusSchema.parse(row.state),
    stateSince: isoTime(row.stateSince),
    createdAt: isoTime(row.createdAt),
    startedAt: startedAt === null ? null : isoTime(startedAt),
    uptimeMs,
    computeCostMicros,
    estimated: true,
  };
}
