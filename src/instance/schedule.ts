import { Cron } from "croner";
import type { InstanceRecord } from "./record.ts";

type Scheduled = Pick<InstanceRecord, "wakeAt" | "wakeCron" | "cronAt">;

/** Five fields: minute, hour, day of the month, month, day of the week; in UTC. @throws where it is no such expression */
function parse(expression: string): Cron {
  return new Cron(expression, { timezone: "UTC", mode: "5-part", paused: true });
}

/** Why it cannot be a schedule, or undefined. */
export function findCronProblem(expression: string, now: number): string | undefined {
  try {
    return nextRun(expression, now) === null ? "never comes to pass" : undefined;
  } catch {
    return "must be five fields of cron: minute, hour, day of the month, month, day of the week";
  }
}

/** The first minute after `now` that the expression names, in epoch milliseconds; null: there is none any more. */
export function nextRun(expression: string, now: number): number | null {
  return parse(expression).nextRun(new Date(now))?.getTime() ?? null;
}

/** When it is to be woken next, in epoch milliseconds. */
export function wakeDue({ wakeAt, cronAt }: Scheduled): number | undefined {
  const times = [wakeAt, cronAt].filter((time) => time !== null);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** What is left of a schedule once all that was due by now has come to pass: however much that was, it counts once. */
export function passDue(
  { wakeAt, wakeCron, cronAt }: Scheduled,
  now: number,
): Pick<Scheduled, "wakeAt" | "cronAt"> {
  const isCronDue = cronAt !== null && cronAt <= now;
  return {
    wakeAt: wakeAt !== null && wakeAt <= now ? null : wakeAt,
    cronAt: isCronDue && wakeCron !== null ? nextRun(wakeCron, now) : cronAt,
  };
}
