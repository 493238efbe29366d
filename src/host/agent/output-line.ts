/** A line as the engine writes it down: when, and what. */
export interface OutputLine {
  at: number;
  /** Sorts as the lines came. */
  position: string;
  message: string;
}

const SECOND_MS = 1_000;
const NANOSECOND_DIGITS = 9;

/** Of `2026-11-20T01:02:03.000000004Z text`; undefined for what does not begin with a time. */
export function parseLine(text: string): OutputLine | undefined {
  const [, seconds, fraction = "", message = ""] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z ?(.*)$/s.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const unix = Date.parse(`${seconds}Z`) / SECOND_MS;
  const nanoseconds = fraction.padEnd(NANOSECOND_DIGITS, "0").slice(0, NANOSECOND_DIGITS);
  return {
    at: unix * SECOND_MS + Number(nanoseconds.slice(0, 3)),
    position: `${String(unix).padStart(10, "0")}.${nanoseconds}`,
    message: message.replace(/\r$/, ""),
  };
}

/** The engine's `since` includes the line of that very time. */
export function afterPosition(position: string | undefined): string {
  if (position === undefined) return "0";
  const [seconds = "0", nanoseconds = "0"] = position.split(".");
  const next = BigInt(`${seconds}${nanoseconds}`) + 1n;
  const digits = String(next).padStart(NANOSECOND_DIGITS + 1, "0");
  return `${digits.slice(0, -NANOSECOND_DIGITS)}.${digits.slice(-NANOSECOND_DIGITS)}`;
}
