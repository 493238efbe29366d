import type { OutputStream } from "../../guest/protocol.ts";

const KEPT_CHARACTERS = 1024 * 1024;

/** What the entrypoint has said since the last boot: the latest of it. */
export class EntryLog {
  private lines: { text: string; stream: OutputStream }[] = [];
  private size = 0;

  add(text: string, stream: OutputStream): void {
    this.lines.push({ text: `${text}\n`, stream });
    this.size += text.length + 1;
    while (this.size > KEPT_CHARACTERS) this.size -= this.lines.shift()?.text.length ?? 0;
  }

  clear(): void {
    this.lines = [];
    this.size = 0;
  }

  text(of?: OutputStream): string {
    return this.lines
      .filter(({ stream }) => of === undefined || stream === of)
      .map(({ text }) => text)
      .join("");
  }
}
