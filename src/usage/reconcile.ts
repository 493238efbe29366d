/** What is paid for by our periods, and what the vendor's own list says should be. */
export interface Holding {
  instanceId: string;
  meter: "none" | "paused" | "running";
  /** Our state, or the vendor's own word for its. */
  state: string;
}

export interface VendorHolding extends Holding {
  /** On its way: what is to be paid for is about to change. */
  isMoving: boolean;
  machines: number;
}

export interface OwnHolding extends Holding {
  since: number;
}

export const FINDING_KINDS = [
  "counted_but_not_running",
  "running_but_not_counted",
  "counted_but_no_volume",
  "volume_but_not_counted",
  "several_machines",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  instanceId: string;
  kind: FindingKind;
  detail: { ours: string; vendors: string };
}

/**
 * Where a vendor's list and our periods disagree. What changed after `settledBefore` is left for the next time: the two were
 * not read at the same moment.
 */
export function compareHoldings(
  vendors: readonly VendorHolding[],
  ours: readonly OwnHolding[],
  { settledBefore }: { settledBefore: number },
): Finding[] {
  const theirs = new Map(vendors.map((holding) => [holding.instanceId, holding]));
  const known = new Map(ours.map((holding) => [holding.instanceId, holding]));
  const findings: Finding[] = [];
  for (const instanceId of new Set([...theirs.keys(), ...known.keys()])) {
    const vendor = theirs.get(instanceId);
    const own = known.get(instanceId);
    if (vendor?.isMoving || (own && own.since >= settledBefore)) {
      continue;
    }
    const detail = { ours: describe(own), vendors: describe(vendor) };
    const kind = kindOf(own?.meter ?? "none", vendor?.meter ?? "none");
    if (kind) {
      findings.push({ instanceId, kind, detail });
    }
    if (vendor && vendor.machines > 1) {
      findings.push({ instanceId, kind: "several_machines", detail });
    }
  }
  return findings;
}

/** How two meters differ; undefined where they agree. */
export function kindOf(ours: Holding["meter"], vendors: Holding["meter"]): FindingKind | undefined {
  if (ours === vendors) {
    return undefined;
  }
  if (ours === "running") {
    return "counted_but_not_running";
  }
  if (vendors === "running") {
    return "running_but_not_counted";
  }
  return ours === "paused" ? "counted_but_no_volume" : "volume_but_not_counted";
}

function describe(holding: Holding | undefined): string {
  return holding ? `${holding.state} (${holding.meter})` : "nothing";
}
