import { stripVTControlCharacters } from "node:util";

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u;
const ZERO = /^(?:\p{Mark}|[\u200b-\u200f]|[\ufe00-\ufe0f])$/u;
/** Everything a terminal could act upon. */
const CONTROL = /\p{Cc}/gu;

/** Text from elsewhere without control characters, so that a name cannot steer the terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROL, " ");
}

/** Columns a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of stripVTControlCharacters(text)) {
    width += ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  }
  return width;
}

/** The text cut to `width` columns, with an ellipsis where something is missing. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  for (const char of text) {
    if (widthOf(kept + char) > width - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/** The shortest beginning of `id`, at least `min` long, that no other id shares. */
export function shortestUnique(id: string, all: readonly string[], min: number): string {
  const others = all.filter((other) => other !== id);
  let length = Math.min(min, id.length);
  while (length < id.length && others.some((other) => other.startsWith(id.slice(0, length)))) length++;
  return id.slice(0, length);
}
