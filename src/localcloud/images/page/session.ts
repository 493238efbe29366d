import type { ToTab } from "./protocol.ts";
import { Scrollback } from "./scrollback.ts";

/** The part of a pseudo-terminal that a session needs. */
export interface Terminal {
  onData(listener: (data: string) => void): unknown;
  onExit(listener: (ending: { exitCode: number; signal?: number }) => void): unknown;
  write(data: string): void;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
}

export interface Size {
  cols: number;
  rows: number;
}

/** One open tab. */
export interface Tab {
  send(message: ToTab): void;
  /** How many characters are on their way to it, undrawn. */
  backlog(): number;
}

/** A tab that is this far behind holds the program up until it has caught up to the second mark. */
const HIGH_WATER = 512 * 1024;
const LOW_WATER = 64 * 1024;

const DEFAULT_SIZE: Size = { cols: 80, rows: 24 };

/**
 * One command in one terminal, which all tabs share and none owns: it begins with the first tab and goes on without any.
 * A tab that comes (back) is shown what was put out before.
 */
export class Session {
  private readonly open: (size: Size) => Terminal;
  private readonly tabs = new Map<Tab, Size | undefined>();
  private readonly scrollback = new Scrollback();
  private terminal: Terminal | undefined;
  private ending: Extract<ToTab, { type: "exit" }> | undefined;
  private size = DEFAULT_SIZE;
  private isPaused = false;

  constructor(open: (size: Size) => Terminal) {
    this.open = open;
  }

  get isRunning(): boolean {
    return this.terminal !== undefined;
  }

  attach(tab: Tab): void {
    this.tabs.set(tab, undefined);
    tab.send({ type: "reset" });
    tab.send({ type: "size", ...this.size });
    const past = this.scrollback.replay();
    if (past !== "") tab.send({ type: "output", data: past });
    if (this.ending) tab.send(this.ending);
  }

  detach(tab: Tab): void {
    this.tabs.delete(tab);
    this.fit();
    this.drained();
  }

  /** A tab says how much it can show. The first to say so also begins the session, in the right size from the start. */
  resize(tab: Tab, size: Size): void {
    if (!this.tabs.has(tab)) return;
    this.tabs.set(tab, size);
    this.fit();
    if (!this.terminal && !this.ending) this.start();
  }

  input(data: string): void {
    this.terminal?.write(data);
  }

  start(): void {
    if (this.terminal) return;
    this.ending = undefined;
    this.scrollback.clear();
    this.broadcast({ type: "reset" });
    try {
      this.run(this.open(this.size));
    } catch (error) {
      this.put(`\u001b[31m${error instanceof Error ? error.message : String(error)}\u001b[0m\r\n`);
      this.finish({ exitCode: 127 });
    }
  }

  /** To be called when a tab has drawn something. */
  drained(): void {
    if (!this.isPaused || this.furthestBehind() > LOW_WATER) return;
    this.isPaused = false;
    this.terminal?.resume();
  }

  private run(terminal: Terminal): void {
    this.terminal = terminal;
    terminal.onData((data) => this.put(data));
    terminal.onExit((ending) => this.finish(ending));
  }

  private put(data: string): void {
    this.scrollback.push(data);
    this.broadcast({ type: "output", data });
    if (!this.isPaused && this.furthestBehind() > HIGH_WATER) {
      this.isPaused = true;
      this.terminal?.pause();
    }
  }

  private finish({ exitCode, signal = 0 }: { exitCode: number; signal?: number }): void {
    this.terminal = undefined;
    this.isPaused = false;
    this.ending = { type: "exit", exitCode, signal };
    this.broadcast(this.ending);
  }

  /** The smallest tab decides, or the others' output would be cut off in it. */
  private fit(): void {
    const sizes = [...this.tabs.values()].filter((size) => size !== undefined);
    if (sizes.length === 0) return;
    const cols = Math.min(...sizes.map((size) => size.cols));
    const rows = Math.min(...sizes.map((size) => size.rows));
    if (cols === this.size.cols && rows === this.size.rows) return;
    this.size = { cols, rows };
    this.terminal?.resize(cols, rows);
    this.broadcast({ type: "size", cols, rows });
  }

  private furthestBehind(): number {
    return Math.max(0, ...[...this.tabs.keys()].map((tab) => tab.backlog()));
  }

  private broadcast(message: ToTab): void {
    for (const tab of this.tabs.keys()) tab.send(message);
  }
}
