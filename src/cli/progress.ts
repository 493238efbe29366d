import type { Output } from "./output.ts";
import { plain } from "./text.ts";
import { duration } from "./time.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const CLEAR_LINE = "\r\x1b[2K";

/** Something that takes a while, shown on stderr. */
export interface Progress {
  /** Says what is being done. */
  update: (text: string) => void;
  /** Says something that stays. */
  note: (text: string) => void;
  /** Ends it, with a last line or without. */
  done: (text?: string) => void;
  fail: (text?: string) => void;
}

/** A spinner on a terminal; elsewhere a line for each change, with the time since the start. */
export function startProgress(out: Output, text: string): Progress {
  return out.stderr.isTTY && out.noteStyle.enabled ? spinner(out, text) : lines(out, text);
}

function spinner(out: Output, first: string): Progress {
  const startedAt = Date.now();
  const { cyan, dim, green, red } = out.noteStyle;
  let text = first;
  let frame = 0;
  let isOver = false;
  const draw = () => {
    // An answer that comes in late has nothing left to say.
    if (isOver) return;
    const mark = cyan(FRAMES[frame++ % FRAMES.length] ?? "");
    out.stderr.write(`${CLEAR_LINE}${mark} ${plain(text)} ${dim(duration(Date.now() - startedAt))}`);
  };
  const timer = setInterval(draw, FRAME_MS);
  draw();
  const end = (mark: string, last?: string) => {
    clearInterval(timer);
    isOver = true;
    out.stderr.write(CLEAR_LINE);
    if (last !== undefined) out.note(`${mark} ${plain(last)} ${dim(duration(Date.now() - startedAt))}`);
  };
  return {
    update: (next) => {
      text = next;
      draw();
    },
    note: (line) => {
      out.stderr.write(CLEAR_LINE);
      out.note(plain(line));
      draw();
    },
    done: (last) => end(green("✓"), last),
    fail: (last) => end(red("✗"), last),
  };
}

function lines(out: Output, first: string): Progress {
  const startedAt = Date.now();
  let shown = "";
  let isOver = false;
  const show = (text: string) => {
    if (isOver || text === shown) return;
    shown = text;
    out.note(`[${duration(Date.now() - startedAt)}] ${plain(text)}`);
  };
  const last = (text?: string) => {
    if (text !== undefined) show(text);
    isOver = true;
  };
  show(first);
  return { update: show, note: show, done: last, fail: last };
}
