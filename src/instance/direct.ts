import type { Directive } from "./contract.ts";
import type { Change } from "./engine.ts";
import { PLANS } from "./plan.ts";

/** A driver that falls silent for this long has died; another may take over. Longer than any single vendor call. */
const LEASE_MS = 90_000;

/** What a driver is told: one step and a lease, or why there is none. */
export function direct(change: Change, driver: string, now: number): Directive {
  const { record } = change;
  const { job } = record;
  const step = job ? PLANS[job.goal][job.step] : undefined;
  if (!job || !step || job.failure) {
    return { type: "idle" };
  }
  if (job.lease && job.lease.driver !== driver && job.lease.until > now) {
    return { type: "busy" };
  }
  if (job.dueAt > now) {
    return { type: "later", afterMs: job.dueAt - now };
  }
  change.update({ job: { ...job, lease: { driver, until: now + LEASE_MS } } });
  return {
    type: "step",
    fence: { generation: record.generation, goal: job.goal },
    step,
    provider: record.provider,
    target: {
      instanceId: record.id,
      accountId: record.accountId,
      region: record.region,
      spec: record.spec,
      exposure: record.exposure,
      refs: record.refs,
      ...(record.sourceVolume === null ? {} : { sourceVolume: record.sourceVolume }),
    },
    service: record.service,
    sealedRecipe: step === "machine" || step === "configure" ? record.sealedRecipe : undefined,
  };
}
