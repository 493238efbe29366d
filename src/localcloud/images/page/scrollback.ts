/** About 5,000 lines of a busy terminal: what a tab that comes back is shown. */
const LIMIT = 256 * 1024;

/** `ESC [ ? 1049 h` and its like: the modes that decide what later output means. */
const ESC = "\u001b";
const PRIVATE_MODES = new RegExp(`${ESC}\\[\\?([\\d;]+)([hl])`, "g");

/**
 * The end of what a terminal has put out. When the beginning is cut off, the modes that it had set are set again, or a
 * full-screen program would be replayed into the wrong screen.
 */
export class Scrollback {
  private text = "";
  /** Modes set before `text` begins. */
  private readonly modes = new Set<string>();
  private readonly limit: number;

  constructor(limit = LIMIT) {
    this.limit = limit;
  }

  push(data: string): void {
    this.text += data;
    // Cutting for every chunk would copy the whole for each keystroke.
    if (this.text.length > 2 * this.limit) this.cut();
  }

  replay(): string {
    return [...this.modes].map((mode) => `${ESC}[?${mode}h`).join("") + this.text;
  }

  clear(): void {
    this.text = "";
    this.modes.clear();
  }

  private cut(): void {
    const least = this.text.length - this.limit;
    // After a line break no escape sequence and no pair of surrogates is open.
    const lineEnd = this.text.indexOf("\n", least);
    const at = lineEnd === -1 ? least : lineEnd + 1;
    for (const [, list = "", action] of this.text.slice(0, at).matchAll(PRIVATE_MODES)) {
      for (const mode of list.split(";")) {
        if (action === "h") this.modes.add(mode);
        else this.modes.delete(mode);
      }
    }
    this.text = this.text.slice(at);
  }
}
