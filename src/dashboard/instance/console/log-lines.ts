import type { LogLine } from "../../../services/instances/logs.ts";
import { plainText } from "./plain-text.ts";
import { type Level, OVERLAP_MS, type ShownLine } from "./shown-line.ts";

/** A line of this many characters says enough; the whole one is in the file. */
const SHOWN_CHARACTERS = 4_000;

export function toShownLine({ timestamp, level, message }: LogLine): ShownLine {
  return { at: Date.parse(timestamp) || 0, level: toLevel(level), text: plainText(message).trimEnd() };
}

/** Vendors name levels as they like; what is not known is information. */
function toLevel(name: string): Level {
  const lower = name.toLowerCase();
  if (lower.startsWith("warn")) {
    return "warn";
  }
  return ["err", "error", "fatal", "critical", "panic", "alert", "emerg"].includes(lower) ? "error" : "info";
}

export function shorten({ text, ...line }: ShownLine): ShownLine {
  const more = text.length - SHOWN_CHARACTERS;
  return {
    ...line,
    text: more > 0 ? `${text.slice(0, SHOWN_CHARACTERS)} … (${more} characters more)` : text,
  };
}

/** One line of the file to keep. */
export function toTextLine({ at, level, text }: ShownLine): string {
  return `${at === 0 ? "-" : new Date(at).toISOString()} ${level.padEnd(5)} ${text.replaceAll("\n", "\n    ")}\n`;
}

/**
 * What whoever has seen lines until `after` is sent first. `gap`: the vendor's memory does not reach back to there, so
 * something in between may be missing. Of the last moments they are sent again, and left out by who has them.
 */
export function since(
  lines: readonly ShownLine[],
  after: number | undefined,
): { lines: ShownLine[]; gap: boolean } {
  if (after === undefined) {
    return { lines: [...lines], gap: false };
  }
  const oldest = lines.find(({ at }) => at > 0)?.at;
  return {
    lines: lines.filter(({ at }) => at >= after - OVERLAP_MS),
    gap: oldest !== undefined && oldest > after,
  };
}
