import type { LogFilter, ShownLine } from "../../instance/console/shown-line.ts";
import { formatAt, passes } from "../../instance/console/shown-line.ts";

/** More than this is no longer read in a page, and makes it slow. */
const MAX_LINES = 3_000;

/** The lines in the page: the newest below, the oldest given up when there are too many. */
export class LogList {
  private readonly list: HTMLElement;
  private readonly onChange: () => void;
  private filter: LogFilter;

  constructor(list: HTMLElement, filter: LogFilter, onChange: () => void) {
    this.list = list;
    this.filter = filter;
    this.onChange = onChange;
  }

  get isAtEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.list;
    return scrollTop + clientHeight >= scrollHeight - 4;
  }

  /** How many lines can be seen, of how many. */
  get count(): { seen: number; all: number } {
    const all = this.list.querySelectorAll("li[data-at]");
    return { seen: Array.from(all).filter((item) => !(item as HTMLElement).hidden).length, all: all.length };
  }

  /** The last moments' lines, to know them again. */
  tail(from: number): string[] {
    return Array.from(this.list.querySelectorAll<HTMLElement>("li[data-at]"))
      .filter((item) => Number(item.dataset.at) >= from)
      .map((item) =>
        keyOf({ at: Number(item.dataset.at), text: item.querySelector(".text")?.textContent ?? "" }),
      );
  }

  add(lines: readonly ShownLine[]): void {
    const follows = this.isAtEnd;
    const items = document.createDocumentFragment();
    for (const line of lines.slice(-MAX_LINES)) {
      items.append(this.itemOf(line));
    }
    this.list.append(items);
    if (this.list.childElementCount > MAX_LINES) {
      while (this.list.childElementCount > MAX_LINES) {
        this.list.firstElementChild?.remove();
      }
      this.list.prepend(
        markOf("Older lines were taken out of this page; the download has what is still there."),
      );
    }
    if (follows) {
      this.toEnd();
    }
    this.onChange();
  }

  /** Something that is not a line of the log's own. */
  mark(text: string): void {
    this.list.append(markOf(text));
  }

  setFilter(filter: LogFilter): void {
    this.filter = filter;
    for (const item of this.list.querySelectorAll<HTMLElement>("li[data-at]")) {
      const text = item.querySelector(".text")?.textContent ?? "";
      item.hidden = !passes({ level: levelOf(item), text }, filter);
    }
    this.onChange();
  }

  toEnd(): void {
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** Text only, ever: what a machine logs is whatever it likes. */
  private itemOf(line: ShownLine): HTMLElement {
    const item = document.createElement("li");
    item.className = `level-${line.level}`;
    item.dataset.at = String(line.at);
    item.hidden = !passes(line, this.filter);
    const parts = [
      ["at", formatAt(line.at)],
      ["level", line.level],
      ["text", line.text],
    ] as const;
    for (const [name, text] of parts) {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      item.append(part, " ");
    }
    return item;
  }
}

function markOf(text: string): HTMLElement {
  const item = document.createElement("li");
  item.className = "mark";
  item.textContent = text;
  return item;
}

function levelOf(item: HTMLElement): ShownLine["level"] {
  return item.classList.contains("level-error")
    ? "error"
    : item.classList.contains("level-warn")
      ? "warn"
      : "info";
}

export function keyOf({ at, text }: Pick<ShownLine, "at" | "text">): string {
  return `${at} ${text}`;
}

/** Those that are not in the page yet: as often as a line stands there, it is left out. */
export function unseen(lines: readonly ShownLine[], known: readonly string[]): ShownLine[] {
  const left = new Map<string, number>();
  for (const key of known) {
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return lines.filter((line) => {
    const key = keyOf(line);
    const times = left.get(key) ?? 0;
    left.set(key, times - 1);
    return times <= 0;
  });
}
