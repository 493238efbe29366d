/** A line of a log as pages and browsers have it. Nothing is imported: it is for both. */
export interface ShownLine {
  /** Epoch milliseconds; 0 where the vendor's time could not be read. */
  at: number;
  level: Level;
  text: string;
}

/** From the least on. */
export const LEVELS = ["info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogFilter {
  /** This level and those above it. */
  level: Level;
  /** Anywhere in the line, whatever its case. */
  text: string;
}

export function passes({ level, text }: Pick<ShownLine, "level" | "text">, filter: LogFilter): boolean {
  return (
    LEVELS.indexOf(level) >= LEVELS.indexOf(filter.level) &&
    text.toLowerCase().includes(filter.text.toLowerCase())
  );
}

/** `2026-11-21 09:24:05.123`, in UTC as everything that machines write. */
export function formatAt(at: number): string {
  return at === 0 ? "" : new Date(at).toISOString().replace("T", " ").slice(0, 23);
}

/** Lines are listed a little later than they were written, and not always in order: so far back is asked again, in milliseconds. */
export const OVERLAP_MS = 2_000;
