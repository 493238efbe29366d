import { AppError } from "../../errors.ts";
import { DAY_MS, dayOf, parseDay } from "../../usage/day.ts";

const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;

/** Whole UTC days, both ends included. */
export interface Window {
  from: number;
  to: number;
}

/** The days asked for; without a start the thirty up to the end, without an end up to today. */
export function toWindow(input: { from?: string; to?: string }, now: number): Window {
  const to = input.to === undefined ? dayOf(now) : parseDay(input.to);
  const from = input.from === undefined ? to - (DEFAULT_DAYS - 1) * DAY_MS : parseDay(input.from);
  if (from > to) {
    throw new AppError("invalid_request", `"from" is after "to".`, {
      hint: "Both are days, such as 2026-11-01, and both are included.",
    });
  }
  if (to - from >= MAX_DAYS * DAY_MS) {
    throw new AppError("invalid_request", `At most ${MAX_DAYS} days can be asked for at once.`, {
      hint: "Ask for a shorter time.",
    });
  }
  return { from, to };
}
