import { type Env, readConfig } from "../env.ts";
import { meterOf } from "../instance/states.ts";
import { logEvent } from "../log.ts";
import { createProviders } from "../providers/index.ts";
import type { OwnedMachine } from "../providers/provider.ts";
import { readHoldings, recordFindings } from "../usage/findings.ts";
import { compareHoldings, type VendorHolding } from "../usage/reconcile.ts";

/** Longer than a report takes from the vendor through the object into the records. */
const SETTLE_MS = 10 * 60_000;

const RANK = { none: 0, paused: 1, running: 2 } as const;

/** Compares every vendor's own list with our periods, and records where they differ. */
export async function reconcileVendors(env: Env, now: number): Promise<void> {
  const { fly, daytona } = readConfig(env);
  for (const provider of Object.values(createProviders({ fly, daytona }))) {
    const listed = await provider.list();
    if (listed.type !== "ok") {
      // A list that could not be read is no evidence of anything.
      logEvent("reconcile.failed", { level: "error", provider: provider.name, outcome: listed });
      continue;
    }
    const vendors = toHoldings(listed.value);
    const ids = vendors.map(({ instanceId }) => instanceId);
    const ours = await readHoldings(env.DB, provider.name, ids);
    const findings = compareHoldings(vendors, ours, { settledBefore: now - SETTLE_MS });
    await recordFindings(env.DB, provider.name, { findings, now });
    for (const finding of findings) {
      logEvent("reconcile.finding", { level: "error", provider: provider.name, ...finding });
    }
    const counts = { machines: vendors.length, instances: ours.length, findings: findings.length };
    logEvent("reconcile.run", { provider: provider.name, ...counts });
  }
}

/** One holding per instance, as if the dearest of what the vendor has were all. */
export function toHoldings(machines: readonly OwnedMachine[]): VendorHolding[] {
  const byInstance = new Map<string, VendorHolding>();
  for (const { instanceId, refs, observed } of machines) {
    const meter = meterOf({ observed, hasVolume: refs.volume !== undefined });
    const before = byInstance.get(instanceId);
    const dearest = before && RANK[before.meter] >= RANK[meter] ? before : undefined;
    byInstance.set(instanceId, {
      instanceId,
      meter: dearest?.meter ?? meter,
      state: dearest?.state ?? observed.vendorState,
      isMoving: (before?.isMoving ?? false) || observed.machine === "starting",
      machines: (before?.machines ?? 0) + (refs.machine === undefined ? 0 : 1),
    });
  }
  return [...byInstance.values()];
}
