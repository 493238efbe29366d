import { z } from "@hono/zod-openapi";
import { type Config, instanceUrl } from "../../env.ts";
import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import { ACCESS_MODES } from "../../instance/record.ts";
import { STATES, type State } from "../../instance/states.ts";
import type { LatestReleases } from "../../services/catalog/live.ts";

const Timestamp = z.iso.datetime().openapi({ example: "2026-11-20T12:00:00.000Z" });

export const SpecSchema = z
  .object({
    cpuKind: z.enum(["shared", "performance"]),
    cpus: z.int().min(1),
    memoryMb: z.int().min(1),
    volumeGb: z.int().min(1),
  })
  .openapi("Spec");

export const StatusSchema = z.enum(STATES).openapi("Status");

export const AccessSchema = z.enum(ACCESS_MODES).openapi("Access", {
  description:
    "Who may open the URL. `link`: whoever has it. `token`: who shows a token of the owning account. `signed`: the same, or a " +
    "signed link. A change has taken effect everywhere within ten seconds.",
});

export const InstanceSchema = z
  .object({
    id: z.string().openapi({ example: "cmp01k5x3w8t7v9q2r4s6y8z0a1b2" }),
    name: z.string(),
    subdomain: z.string().openapi({ example: "cl-x7k2m9q4", description: "Empty for a body: it has none." }),
    agentType: z.string(),
    modelProvider: z.string(),
    modelName: z.string(),
    status: StatusSchema,
    errorMessage: z.string().nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    url: z.string().nullable().openapi({ description: "Null for a body: nothing answers for it." }),
    provider: z.string(),
    region: z.string(),
    spec: SpecSchema,
    image: z.object({
      ref: z.string(),
      release: z.string(),
      outdated: z.boolean(),
      latestRelease: z.string(),
    }),
    exposure: z.enum(["public", "private"]),
    workspaceId: z.string().nullable(),
    access: AccessSchema,
    idleTimeoutSeconds: z.int().nullable(),
    awake: z.object({ reason: z.string(), until: Timestamp.nullable() }).nullable().openapi({
      description:
        "Why it is awake, and when it is suspended next if nothing more happens. Lists do not tell: ask for the one.",
    }),
    wakeAt: Timestamp.nullable(),
    wakeCron: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    statusSince: Timestamp,
    generation: z.int(),
    lastSuspend: z
      .object({ at: Timestamp, outcome: z.enum(["suspended", "stopped"]), reason: z.string().optional() })
      .nullable(),
    hint: z.string().nullable().openapi({ description: "What to do about errorMessage." }),
    progress: z.string().nullable().openapi({ description: "What is being done at the moment." }),
    notices: z
      .array(z.object({ code: z.string(), message: z.string(), hint: z.string() }))
      .openapi({ description: "What its owner should know although nothing failed." }),
  })
  .openapi("Instance");
export type Instance = z.infer<typeof InstanceSchema>;

/** What was just asked for, in the public client's three fields and ours beside them. */
export const CreatedSchema = z
  .object({
    id: z.string(),
    subdomain: z.string(),
    status: StatusSchema,
    url: z.string(),
    errorMessage: z.string().nullable(),
    hint: z.string().nullable(),
  })
  .openapi("CreatedInstance");

type Shown = InstanceRow & Partial<Pick<InstanceNow, "awake">>;

export function toInstance(row: Shown, config: Config, latest: LatestReleases): Instance {
  const isPublic = row.exposure === "public";
  const latestRelease = latest.get(row.agentType) ?? row.release;
  return {
    id: row.id,
    name: row.name,
    subdomain: isPublic ? row.subdomain : "",
    agentType: row.agentType,
    modelProvider: row.modelProvider,
    modelName: row.modelName,
    status: row.state as State,
    errorMessage: row.problem?.message ?? null,
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
    url: isPublic ? instanceUrl(config, row.subdomain) : null,
    provider: row.provider,
    region: row.region,
    spec: row.spec,
    image: { ref: row.image, release: row.release, outdated: row.release !== latestRelease, latestRelease },
    exposure: row.exposure,
    workspaceId: row.workspaceId,
    access: row.access,
    idleTimeoutSeconds: row.idleTimeoutSeconds,
    awake: row.awake ? { reason: row.awake.reason, until: isoTime(row.awake.until) } : null,
    wakeAt: row.wakeAt === null ? null : isoTime(row.wakeAt),
    wakeCron: row.wakeCron,
    labels: row.labels,
    statusSince: isoTime(row.stateSince),
    generation: row.generation,
    lastSuspend: row.lastSuspend && {
      at: isoTime(row.lastSuspend.at),
      outcome: row.lastSuspend.outcome === "suspended" ? "suspended" : "stopped",
      reason: row.lastSuspend.reason,
    },
    hint: row.problem?.hint ?? null,
    progress: row.progress,
    notices: row.notices,
  };
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
