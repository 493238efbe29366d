import { and, asc, eq, isNull } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { instances } from "../../db/schema.ts";
import { reconciliationFindings as findings } from "../../db/usage.ts";
import type { Orphan } from "../../provisioning/sweep/run.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";

/** A run has to end; what is left is written by the next one. */
const BATCH = 100;

/**
 * Writes each new difference between a vendor's list and our periods down as an audit event, on the account whose instance it
 * is; on the deployment's own where no instance is known. The mark and the event are one transaction, so it is written once.
 */
export async function auditFindings(ctx: Pick<Ctx, "db" | "now">): Promise<void> {
  const rows = await ctx.db
    .select({ finding: findings, accountId: instances.accountId })
    .from(findings)
    .leftJoin(instances, eq(instances.id, findings.instanceId))
    .where(isNull(findings.auditedAt))
    .orderBy(asc(findings.firstSeenAt))
    .limit(BATCH);
  for (const { finding, accountId } of rows) {
    const mark = ctx.db
      .update(findings)
      .set({ auditedAt: ctx.now })
      .where(
        and(
          eq(findings.provider, finding.provider),
          eq(findings.instanceId, finding.instanceId),
          eq(findings.kind, finding.kind),
          eq(findings.firstSeenAt, finding.firstSeenAt),
          isNull(findings.auditedAt),
        ),
      );
    const event = auditEntry({
      accountId: accountId ?? "deployment",
      ...(accountId === null ? {} : { instanceId: finding.instanceId }),
      actor: { type: "system", id: "reconcile" },
      action: "sweep.finding",
      target: finding.instanceId,
      at: ctx.now,
      detail: { provider: finding.provider, kind: finding.kind, ...finding.detail },
    });
    await commit(ctx.db, mark, event);
  }
}

/** Writes down, once for each orphan, that what is left of it is being destroyed. */
export async function auditDestruction(ctx: Pick<Ctx, "db" | "now">, orphan: Orphan): Promise<void> {
  const { instanceId, provider, vendors } = orphan;
  const [owner] = await ctx.db
    .select({ accountId: instances.accountId })
    .from(instances)
    .where(eq(instances.id, instanceId))
    .limit(1);
  const mark = ctx.db
    .update(findings)
    .set({ actedAt: ctx.now })
    .where(
      and(
        eq(findings.provider, provider),
        eq(findings.instanceId, instanceId),
        eq(findings.kind, "orphan"),
        isNull(findings.resolvedAt),
        isNull(findings.actedAt),
      ),
    );
  const event = auditEntry({
    accountId: owner?.accountId ?? "deployment",
    instanceId,
    actor: { type: "system", id: "sweep" },
    action: "sweep.destroy",
    target: instanceId,
    at: ctx.now,
    detail: { provider, vendors },
  });
  await commit(ctx.db, mark, event);
}
