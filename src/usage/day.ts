/** A UTC day, named by its midnight in epoch milliseconds; half-open. */
export const DAY_MS = 86_400_000;

/** The day that a moment belongs to. */
export function dayOf(epochMs: number): number {
  return Math.floor(epochMs / DAY_MS) * DAY_MS;
}

/** As on the wire: `2026-11-21`. */
export function formatDay(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

/** The other way round; the text must be a date. */
export function parseDay(text: string): number {
  return Date.parse(`${text}T00:00:00.000Z`);
}
