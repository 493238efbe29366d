import type { View } from "./record.ts";

/** Something that is at work on the machine, or wants it awake; forgotten after `ms`, whatever became of it. */
export interface Work {
  /** Taken again under the same id, it lasts longer. */
  id: string;
  reason: string;
  ms: number;
}

/** Of all work the one that lasts longest; it may be over. */
export interface Activity {
  reason: string;
  until: number;
}

/** When a running instance is put to sleep if nothing happens; undefined: never. Judged by work, and not by traffic. */
export function sleepDue({ record, state, since, work }: View): number | undefined {
  if (state !== "running" || record.idleTimeoutSeconds === null) {
    return undefined;
  }
  return Math.max(since, record.activeAt, work?.until ?? 0) + record.idleTimeoutSeconds * 1_000;
}

/** Why it is awake, and until when at least; null where nothing would put it to sleep, or it sleeps. */
export function awakeOf(view: View, now: number): Activity | null {
  if (view.state !== "running") {
    return null;
  }
  if (view.work && view.work.until > now) {
    return view.work;
  }
  const until = sleepDue(view);
  return until === undefined ? null : { reason: view.record.foundWork ?? "used a moment ago", until };
}
