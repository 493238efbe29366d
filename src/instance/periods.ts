import type { Period } from "./record.ts";
import type { Meter, State } from "./states.ts";

/**
 * When a change is dated, in epoch milliseconds. The vendor knows best when a machine changed, but history is gapless and
 * never overlaps: its word is held between the start of the open period and now.
 */
export function changeTime(
  open: Pick<Period, "startedAt"> | undefined,
  vendorTime: number | undefined,
  now: number,
): number {
  const earliest = open?.startedAt ?? now;
  return Math.max(earliest, Math.min(vendorTime ?? now, now));
}

/** The period that follows `open`; undefined when nothing that is recorded changed: whose it is, the state, the meter. */
export function nextPeriod(
  open: Period | undefined,
  change: Omit<Period, "seq" | "endedAt" | "state" | "meter"> & { state: State; meter: Meter },
): Period | undefined {
  const isSame = open?.state === change.state && open.meter === change.meter;
  if (isSame && open.accountId === change.accountId) {
    return undefined;
  }
  return { ...change, seq: (open?.seq ?? 0) + 1, endedAt: null };
}
