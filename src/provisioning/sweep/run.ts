import type { Env } from "../../env.ts";
import { instanceStub } from "../../instance/stub.ts";
import { describeError, logEvent } from "../../log.ts";
import type { Outcome, OwnedMachine, Provider, Step, VendorLimit } from "../../providers/provider.ts";
import { readHoldings, recordFindings } from "../../usage/findings.ts";
import { toHoldings } from "../reconcile.ts";
import { configuredProviders } from "../wiring.ts";
import { compareLists, SWEEP_KINDS, type SweepFinding } from "./compare.ts";

/** A run has to end; what is left is found again by the next one. */
const MOST_ACTED_ON = 50;
const MOST_DESTROYED = 10;
const HOLD_MS = 5_000;
const NEARLY_FULL = 0.8;
const DESTROY: readonly Step[] = ["unmachine", "unvolume", "unplace", "gone"];

/** What is left of an instance that was deleted, about to be destroyed. */
export interface Orphan {
  instanceId: string;
  provider: string;
  vendors: string;
}

/** Writes down what is about to be destroyed, before it is. */
export type Announce = (orphan: Orphan) => Promise<void>;

/**
 * Compares every vendor's own list with the records. Where a live instance is not as its vendor says, its object is made to
 * look; a transition that hangs is called again; what is left of a deleted instance is destroyed.
 */
export async function sweep(env: Env, now: number, announce: Announce): Promise<void> {
  for (const provider of configuredProviders(env)) {
    try {
      await sweepProvider(env, provider, { now, announce });
    } catch (error) {
      logEvent("sweep.failed", { level: "error", provider: provider.name, cause: describeError(error) });
    }
  }
}

async function sweepProvider(
  env: Env,
  provider: Provider,
  { now, announce }: { now: number; announce: Announce },
): Promise<void> {
  const listed = await provider.list();
  if (listed.type !== "ok") {
    // A list that could not be read is no evidence of anything.
    logEvent("sweep.failed", { level: "error", provider: provider.name, outcome: listed });
    await recordRun(env.DB, provider.name, { now, failure: causeOf(listed) });
    return;
  }
  const vendors = toHoldings(listed.value);
  const ids = vendors.map(({ instanceId }) => instanceId);
  const ours = await readHoldings(env.DB, provider.name, ids);
  const findings = compareLists(vendors, ours, now);
  await recordFindings(env.DB, provider.name, { findings, kinds: SWEEP_KINDS, now });
  const counts = { machines: vendors.length, instances: ours.length, findings: findings.length };
  await recordRun(env.DB, provider.name, { now, ...counts, limits: await readLimits(provider) });
  for (const finding of findings) {
    logEvent("sweep.finding", { level: "error", provider: provider.name, ...finding });
  }
  await Promise.all(findings.slice(0, MOST_ACTED_ON).map((finding) => actOn(env, finding)));
  const orphans = findings.filter(({ kind }) => kind === "orphan").slice(0, MOST_DESTROYED);
  for (const { instanceId, detail } of orphans) {
    const left = listed.value.filter((machine) => machine.instanceId === instanceId);
    await destroy(env, { provider, left }, () =>
      announce({ instanceId, provider: provider.name, vendors: detail.vendors }),
    );
  }
}

async function actOn(env: Env, { instanceId, kind }: SweepFinding): Promise<void> {
  const stub = instanceStub(env, instanceId);
  if (kind === "vanished" || kind === "drifted") {
    await stub.look();
  } else if (kind === "stuck") {
    await stub.project();
  }
}

/** Step by step as a deletion does it. What the vendor does not confirm at once is found again by the next run. */
async function destroy(
  env: Env,
  { provider, left }: { provider: Provider; left: readonly OwnedMachine[] },
  announce: () => Promise<void>,
): Promise<void> {
  const [first] = left;
  if (!first) return;
  const { instanceId } = first;
  // The records may lag behind the object, which alone knows.
  const live = await instanceStub(env, instanceId).get();
  if (live && live.state !== "deleted") return;
  const row = await env.DB.prepare(
    "SELECT account_id, region, spec, exposure FROM instances WHERE id = ?1 AND deleted_at IS NOT NULL",
  )
    .bind(instanceId)
    .first<{ account_id: string; region: string; spec: string; exposure: "public" | "private" }>();
  if (!row) return;
  await announce();
  for (const { refs } of left) {
    const target = {
      instanceId,
      accountId: row.account_id,
      region: row.region,
      spec: JSON.parse(row.spec),
      exposure: row.exposure,
      refs,
    };
    for (const step of DESTROY) {
      const outcome = await provider.run(step, target, { holdMs: HOLD_MS });
      logEvent("sweep.step", { instanceId, provider: provider.name, step, outcome: outcome.type });
      if (outcome.type !== "ok") return;
    }
  }
}

/** Told in the log while there is still time to do something about it. */
async function readLimits(provider: Provider): Promise<VendorLimit[]> {
  const limits = await provider.limits?.();
  if (limits?.type !== "ok") return [];
  for (const { name, used, limit } of limits.value) {
    if (used >= limit * NEARLY_FULL) {
      logEvent("sweep.limit", { level: "error", provider: provider.name, name, used, limit });
    }
  }
  return limits.value;
}

function causeOf(outcome: Exclude<Outcome<unknown>, { type: "ok" }>): string {
  switch (outcome.type) {
    case "pending":
      return outcome.note;
    case "rejected":
      return outcome.message;
    default:
      return outcome.cause;
  }
}

async function recordRun(
  db: D1Database,
  provider: string,
  run: {
    now: number;
    machines?: number;
    instances?: number;
    findings?: number;
    failure?: string;
    limits?: VendorLimit[];
  },
): Promise<void> {
  const { now, machines = 0, instances = 0, findings = 0, failure = null, limits = [] } = run;
  await db
    .prepare(
      `INSERT INTO sweep_runs (provider, at, machines, instances, findings, failure, limits)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
       ON CONFLICT (provider) DO UPDATE SET at = excluded.at, machines = excluded.machines,
         instances = excluded.instances, findings = excluded.findings, failure = excluded.failure, limits = excluded.limits`,
    )
    .bind(provider, now, machines, instances, findings, failure, JSON.stringify(limits))
    .run();
}
