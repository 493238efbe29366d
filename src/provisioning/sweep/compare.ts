import { DEADLINE_MS, isTransitional, type State } from "../../instance/states.ts";
import { type Finding, kindOf, type OwnHolding, type VendorHolding } from "../../usage/reconcile.ts";

export const SWEEP_KINDS = ["orphan", "stranger", "vanished", "drifted", "stuck"] as const;

export interface SweepFinding {
  instanceId: string;
  /**
   * orphan    the vendor holds something of an instance that was deleted
   * stranger  something bears our name, and no instance of that id was ever here: perhaps another deployment's
   * vanished  a live instance's machine is not in the vendor's list
   * drifted   the vendor's machine runs where ours does not, or the reverse
   * stuck     a transition that should long be over
   */
  kind: (typeof SWEEP_KINDS)[number];
  detail: Finding["detail"];
}

/** What changed less than this long ago may not have reached both lists. */
const SETTLE_MS = 3 * 60_000;
/** A vendor may list what was deleted for a while. */
export const ORPHAN_GRACE_MS = 15 * 60_000;
/** Beyond its deadline a state is left by the object itself; a deletion has none. */
const STUCK_GRACE_MS = 2 * 60_000;
const DELETING_MS = 30 * 60_000;

/** Pure: where a vendor's list and our records part, as of `now`. */
export function compareLists(
  vendors: readonly VendorHolding[],
  ours: readonly OwnHolding[],
  now: number,
): SweepFinding[] {
  const theirs = new Map(vendors.map((holding) => [holding.instanceId, holding]));
  const known = new Map(ours.map((holding) => [holding.instanceId, holding]));
  const findings: SweepFinding[] = [];
  for (const instanceId of new Set([...theirs.keys(), ...known.keys()])) {
    const own = known.get(instanceId);
    const vendor = theirs.get(instanceId);
    const kind = own ? findKind(own, vendor, now) : "stranger";
    if (kind) {
      findings.push({
        instanceId,
        kind,
        detail: { ours: own?.state ?? "nothing", vendors: vendor?.state ?? "nothing" },
      });
    }
  }
  return findings;
}

function findKind(
  own: OwnHolding,
  vendor: VendorHolding | undefined,
  now: number,
): SweepFinding["kind"] | undefined {
  const state = own.state as State;
  const age = now - own.since;
  if (state === "deleted") {
    return vendor && age >= ORPHAN_GRACE_MS ? "orphan" : undefined;
  }
  if (isTransitional(state)) {
    return age >= (DEADLINE_MS[state] ?? DELETING_MS) + STUCK_GRACE_MS ? "stuck" : undefined;
  }
  if (age < SETTLE_MS) {
    return undefined;
  }
  if (state !== "error" && (vendor?.machines ?? 0) === 0) {
    return "vanished";
  }
  return vendor?.isMoving || kindOf(own.meter, vendor?.meter ?? "none") === undefined ? undefined : "drifted";
}
