import { DAY_MS, dayOf, formatDay, parseDay } from "../../usage/day.ts";

/** What can be asked for by one click, in its order. */
export const RANGES = [
  { code: "this-month", name: "This month" },
  { code: "last-month", name: "Last month" },
  { code: "7-days", name: "Last 7 days" },
  { code: "30-days", name: "Last 30 days" },
] as const;
export type RangeCode = (typeof RANGES)[number]["code"];

/** The days that a page is about, both included, as on the wire. */
export interface Range {
  /** Null: chosen by hand. */
  code: RangeCode | null;
  from: string;
  to: string;
}

export type ReadRange = { ok: true; range: Range } | { ok: false; range: Range; problem: string };

/** UTC days, as usage is kept. What makes no sense is answered with this month, and with what is wrong with it. */
export function readRange(query: { range?: string; from?: string; to?: string }, now: number): ReadRange {
  const today = dayOf(now);
  if (query.from !== undefined || query.to !== undefined) {
    const { from = "", to = "" } = query;
    return isDay(from) && isDay(to)
      ? { ok: true, range: { code: null, from, to } }
      : {
          ok: false,
          range: rangeOf("this-month", today),
          problem: "Both are days, such as 2026-11-01.",
        };
  }
  const code = RANGES.find((range) => range.code === query.range)?.code ?? "this-month";
  return { ok: true, range: rangeOf(code, today) };
}

function rangeOf(code: RangeCode, today: number): Range {
  const date = new Date(today);
  const month = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
  const days = (from: number, to: number): Range => ({ code, from: formatDay(from), to: formatDay(to) });
  switch (code) {
    case "this-month":
      return days(month(0), today);
    case "last-month":
      return days(month(-1), month(0) - DAY_MS);
    case "7-days":
      return days(today - 6 * DAY_MS, today);
    default:
      return days(today - 29 * DAY_MS, today);
  }
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? parseDay(text) : Number.NaN;
  return !Number.isNaN(at) && formatDay(at) === text;
}
