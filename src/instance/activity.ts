import type { View } from "./record.ts";

/** Something that is at work on the machine, or wants it awake; forgotten after `ms`, whatever became of it. */
export interface Work {
  /** Taken again under the same id, it lasts longer. */
  id: string;
  reason: string;
  ms: number;
}

/** Of all work the one that lasts longest, which may be over; or why an instance is awake. */
export interface Activity {
  reason: string;
  until: number;
}

/** Requests are told of at most so often by each isolate of the edge, so one that was told of stands for those that follow. */
export const VISIT_MS = 30_000;
export const VISIT: Work = { id: "requests", reason: "requests arrive", ms: VISIT_MS };

/** When a running instance is put to sleep if nothing happens; undefined: never. Judged by work, and not by traffic. */
export function sleepDue({ record, state, since, work }: View): number | undefined {
  if (state !== "running" || record.idleTimeoutSeconds === null) {
    return undefined;
  }
  return Math.max(since, record.activeAt, work?.until ?? 0) + record.idleTimeoutSeconds * 1_000;
}

/**
 * Why it is awake, and when it is put to sleep next if nothing more happens; where nothing would put it to sleep, until when
 * the work on it counts. Null where it sleeps, or there is neither.
 */
export function awakeOf(view: View, now: number): Activity | null {
  if (view.state !== "running") {
    return null;
  }
  const work = view.work && view.work.until > now ? view.work : undefined;
  const until = sleepDue(view) ?? work?.until;
  if (until === undefined) {
    return null;
  }
  return { reason: work?.reason ?? view.record.foundWork ?? idleReason(view), until };
}

function idleReason({ record, work }: View): string {
  const last = work?.reason ?? record.lastWork;
  return last === null ? "used a moment ago" : `idle; the last was: ${last}`;
}
