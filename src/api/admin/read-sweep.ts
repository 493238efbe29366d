import { z } from "@hono/zod-openapi";
import { readSweep } from "../../services/operator/read-sweep.ts";
import { jsonResponse, newRouter, operatorEndpoint } from "../route.ts";

const time = (epochMs: number) => new Date(epochMs).toISOString();
const timeOrNull = (epochMs: number | null) => (epochMs === null ? null : time(epochMs));

const RunSchema = z
  .object({
    provider: z.string(),
    at: z.string(),
    machines: z.number().int(),
    instances: z.number().int(),
    findings: z.number().int(),
    failure: z.string().nullable(),
    limits: z.array(z.object({ name: z.string(), used: z.number().int(), limit: z.number().int() })),
  })
  .openapi("SweepRun");

const FindingSchema = z
  .object({
    provider: z.string(),
    instanceId: z.string(),
    kind: z.string(),
    ours: z.string(),
    vendors: z.string(),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    resolvedAt: z.string().nullable(),
    actedAt: z.string().nullable(),
  })
  .openapi("SweepFinding");

const route = operatorEndpoint({
  route: {
    method: "get",
    path: "/admin/sweep",
    operationId: "readSweep",
    summary: "How the last looks at the vendors' own lists went, and what they found",
    request: { query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }) },
    responses: {
      200: jsonResponse(
        "The last run for each provider, and findings, the newest first.",
        z.object({ runs: z.array(RunSchema), findings: z.array(FindingSchema) }),
      ),
    },
  },
  errors: ["invalid_request"],
});

export const readSweepRoute = newRouter().openapi(route, async (c) => {
  const { runs, findings } = await readSweep(c.var.ctx, c.req.valid("query"));
  return c.json(
    {
      runs: runs.map((run) => ({ ...run, at: time(run.at) })),
      findings: findings.map(({ provider, instanceId, kind, detail, ...times }) => ({
        provider,
        instanceId,
        kind,
        ...detail,
        firstSeenAt: time(times.firstSeenAt),
        lastSeenAt: time(times.lastSeenAt),
        resolvedAt: timeOrNull(times.resolvedAt),
        actedAt: timeOrNull(times.actedAt),
      })),
    },
    200,
  );
});
