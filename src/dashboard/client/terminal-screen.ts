/** The terminal itself: loaded when one is opened, since it is larger than all the rest of the page. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { writeStylesStrictly } from "./parts/terminal/strict-styles.ts";
import { onThemeChange, themeOf } from "./parts/terminal/theme.ts";

/** Dragging a window's edge changes its size many times; the machine is told when it rests, in milliseconds. */
const REST_MS = 80;

export interface ScreenOptions {
  place: HTMLElement;
  /** Typed or pasted. */
  onInput: (data: string) => void;
  onResize: (size: { cols: number; rows: number }) => void;
  /** The keys that leave the terminal were pressed. */
  onLeave: () => void;
}

export interface Screen {
  readonly cols: number;
  readonly rows: number;
  write: (text: string) => void;
  /** As new: whatever the last shell left the screen in. */
  reset: () => void;
  setReading: (isReading: boolean) => void;
  setWritable: (isWritable: boolean) => void;
  focus: () => void;
}

export function openScreen({ place, onInput, onResize, onLeave }: ScreenOptions): Screen {
  writeStylesStrictly(document);
  const terminal = new Terminal({
    theme: themeOf(place),
    fontFamily: getComputedStyle(place).fontFamily,
    fontSize: 14,
    scrollback: 5_000,
    minimumContrastRatio: 4.5,
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    disableStdin: true,
    linkHandler: { activate: (_, address) => follow(address) },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.attachCustomKeyEventHandler((event) => takeKeys(event, terminal, onLeave));
  terminal.open(place);
  terminal.textarea?.setAttribute("aria-describedby", "terminal-help");
  fit.fit();
  terminal.onData(onInput);
  terminal.onResize(onResize);
  let resting: ReturnType<typeof setTimeout> | undefined;
  new ResizeObserver(() => {
    clearTimeout(resting);
    resting = setTimeout(() => fit.fit(), REST_MS);
  }).observe(place);
  onThemeChange(() => {
    terminal.options.theme = themeOf(place);
  });
  return {
    get cols() {
      return terminal.cols;
    },
    get rows() {
      return terminal.rows;
    },
    write: (text) => terminal.write(text),
    reset: () => terminal.reset(),
    setReading: (isReading) => {
      terminal.options.screenReaderMode = isReading;
    },
    setWritable: (isWritable) => {
      terminal.options.disableStdin = !isWritable;
    },
    focus: () => terminal.focus(),
  };
}

/** @returns whether the key is the shell's. Both are combinations that a shell cannot tell from others. */
function takeKeys(event: KeyboardEvent, terminal: Terminal, onLeave: () => void): boolean {
  if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey) {
    return true;
  }
  if (event.key === "Enter") {
    event.preventDefault();
    onLeave();
    return false;
  }
  if (event.code === "KeyC") {
    // Not the browser's own meaning of it, selection or not.
    event.preventDefault();
    if (terminal.hasSelection()) {
      // The terminal answers the event that this raises with its selection.
      document.execCommand("copy");
    }
    return false;
  }
  return true;
}

/** What a link of the machine's output says and where it leads may differ: the reader sees where, and decides. */
function follow(address: string): void {
  if (/^https?:\/\//i.test(address) && confirm(`The output links to:\n\n${address}\n\nOpen it?`)) {
    window.open(address, "_blank", "noopener,noreferrer");
  }
}
