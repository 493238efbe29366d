import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import { latestReleases } from "../../services/catalog/live.ts";
import { findForPage, type Inspected, inspectInstance } from "../../services/instances/inspect.ts";
import type { DashboardContext } from "../route.ts";

/** One instance as its page shows it. */
export interface InstanceView extends Inspected {
  /** Of its agent, by name; its own where the agent is no longer offered. */
  latestRelease: string;
}

/** Undefined where the path names it by something else than its whole id: `id` is what it should say. */
export async function findInstance(
  c: DashboardContext,
): Promise<{ id: string; view: InstanceView | undefined }> {
  const { ctx } = c.var;
  const name = c.req.param("id") ?? "";
  const row = await findForPage(ctx, name);
  if (row.id !== name) {
    return { id: row.id, view: undefined };
  }
  const [inspected, latest] = await Promise.all([
    inspectInstance(ctx, row),
    latestReleases(ctx.env, ctx.now),
  ]);
  const { agentType, release } = inspected.now;
  return { id: row.id, view: { ...inspected, latestRelease: latest.get(agentType) ?? release } };
}

/** What of it is followed while somebody looks on. */
export type ShownNow = InstanceRow & Partial<InstanceNow>;
