/**
 * What a machine wrote, as text that only says something. Escape sequences color, move and overwrite, set titles and
 * clipboards; directional overrides let a line read other than it is. Whoever looks at a log sees neither.
 */

const ESC = "\\u001b";
/** What begins a title, a clipboard's content, a link or a picture; in one character or two. */
const STRING_START = `(?:${ESC}[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])`;
const STRING_BODY = "[^\\u0007\\u001b\\u009c]{0,4096}";
const STRING = `${STRING_START}${STRING_BODY}(?:\\u0007|${ESC}\\\\|\\u009c)`;
const CONTROL_START = `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*`;
const OTHER_ESCAPE = `${ESC}[ -/]*[0-~]`;

const SEQUENCES = new RegExp(`${STRING}|${CONTROL_START}[@-~]|${OTHER_ESCAPE}`, "g");
/** What stands at the end and may still become one of them. */
const UNFINISHED = new RegExp(`(?:${CONTROL_START}|${STRING_START}${STRING_BODY}${ESC}?|${ESC}[ -/]*|\\r)$`);
const LINE_END = /\r\n?/g;
/** Everything that is not text, but for tabs and line ends. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function plainText(text: string): string {
  return text
    .replace(SEQUENCES, "")
    .replace(LINE_END, "\n")
    .replace(CONTROL, "")
    .replace(DIRECTION, "\ufffd");
}

/** The same for text that comes in pieces: a sequence may be cut in two between them. */
export class PlainTextStream {
  private rest = "";

  push(piece: string): string {
    const text = this.rest + piece;
    const cut = text.search(UNFINISHED);
    this.rest = cut < 0 ? "" : text.slice(cut);
    return plainText(cut < 0 ? text : text.slice(0, cut));
  }

  /** What was held back and came to nothing. */
  end(): string {
    const text = plainText(this.rest);
    this.rest = "";
    return text;
  }
}
