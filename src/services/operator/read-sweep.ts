import { asc, desc } from "drizzle-orm";
import { reconciliationFindings, sweepRuns } from "../../db/usage.ts";
import type { Ctx } from "../context.ts";

export type SweepRun = typeof sweepRuns.$inferSelect;
export type FoundBySweep = typeof reconciliationFindings.$inferSelect;

/** How the last look at each vendor's list went, and what such looks found, what is still so and the newest first. */
export async function readSweep(
  ctx: Ctx,
  { limit }: { limit: number },
): Promise<{ runs: SweepRun[]; findings: FoundBySweep[] }> {
  const [runs, findings] = await ctx.db.batch([
    ctx.db.select().from(sweepRuns).orderBy(asc(sweepRuns.provider)),
    ctx.db
      .select()
      .from(reconciliationFindings)
      .orderBy(desc(reconciliationFindings.lastSeenAt), asc(reconciliationFindings.provider))
      .limit(limit),
  ]);
  return { runs, findings };
}
