import { AppError } from "../../errors.ts";

export const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;
const MAX_HOURS = 31 * 24;

/** The whole hours that were asked for: `from` on, until just before `to`; by default the last 24, with the one under way. */
export function toHours(input: { from?: string; to?: string }, now: number): { from: number; to: number } {
  const to = Math.ceil((input.to === undefined ? now + 1 : Date.parse(input.to)) / HOUR_MS) * HOUR_MS;
  const from =
    input.from === undefined
      ? to - DEFAULT_HOURS * HOUR_MS
      : Math.floor(Date.parse(input.from) / HOUR_MS) * HOUR_MS;
  if (from >= to) {
    throw new AppError("invalid_request", `"from" is not before "to".`, {
      hint: "Both are times, such as 2026-11-20T08:00:00Z; the hour that begins at `to` is not included.",
    });
  }
  if (to - from > MAX_HOURS * HOUR_MS) {
    throw new AppError("invalid_request", `At most ${MAX_HOURS} hours can be asked for at once.`, {
      hint: "Ask for a shorter time.",
    });
  }
  return { from, to };
}
