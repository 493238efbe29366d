import { describe, expect, it } from "vitest";
import { Scrollback } from "./scrollback.ts";

const ESC = "\u001b";

function filled(limit: number, ...chunks: string[]): string {
  const scrollback = new Scrollback(limit);
  for (const chunk of chunks) scrollback.push(chunk);
  return scrollback.replay();
}

describe("scrollback", () => {
  it("replays everything while it is short", () => {
    expect(filled(10, "one\n", "two\n")).toBe("one\ntwo\n");
  });

  it("keeps the end, from the beginning of a line", () => {
    const text = filled(10, "aaaa\n".repeat(5));
    expect(text).toBe("aaaa\n");
    expect(filled(100, "line of text\n".repeat(1000)).length).toBeLessThanOrEqual(200);
  });

  it("keeps the end of output that never breaks a line", () => {
    expect(filled(4, "0123456789")).toBe("6789");
  });

  it("sets the modes again that were set in what is gone, and not those that were unset", () => {
    const past = `${ESC}[?1049h${ESC}[?25;2004h${ESC}[?25l\n`;
    expect(filled(10, `${past}${"x".repeat(9)}\n${"y".repeat(9)}`)).toBe(
      `${ESC}[?1049h${ESC}[?2004h${"y".repeat(9)}`,
    );
  });

  it("forgets everything when told so", () => {
    const scrollback = new Scrollback(4);
    scrollback.push(`${ESC}[?1049h\n${"x".repeat(20)}`);
    scrollback.clear();
    expect(scrollback.replay()).toBe("");
  });
});
