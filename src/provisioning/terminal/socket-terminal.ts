/** A terminal that a host program has opened for us: bytes both ways over one socket, with nothing to poll. */
import type { Outcome, PtySocket } from "../../providers/provider.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { Size } from "./script.ts";
import type { Terminal, TerminalExit } from "./terminal.ts";

/** What a viewer may lag behind; then the terminal is given up, rather than a memory filled. */
const QUEUE_BYTES = 8 * 1024 * 1024;

export interface SocketTerminalOptions extends Size {
  open: (size: Size) => Promise<Outcome<PtySocket>>;
  sessionId: string;
}

/** At once: what is typed before the terminal is open waits for it. */
export function openSocketTerminal(options: SocketTerminalOptions): Terminal {
  return new SocketTerminal(options);
}

class SocketTerminal implements Terminal {
  readonly sessionId: string;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exit: Promise<TerminalExit>;
  offset = 0;

  private readonly queue = new ByteQueue(QUEUE_BYTES);
  private readonly opening: Promise<void>;
  private waiting: (Uint8Array | string)[] = [];
  private socket: PtySocket | undefined;
  private isOver = false;
  private settle: (exit: TerminalExit) => void = () => {};

  constructor({ sessionId, open, cols, rows }: SocketTerminalOptions) {
    this.sessionId = sessionId;
    this.output = this.queue;
    this.exit = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.opening = this.begin(() => open({ cols, rows }));
  }

  write(bytes: Uint8Array): void {
    this.send(bytes.slice());
  }

  resize(cols: number, rows: number): void {
    this.send(JSON.stringify({ cols, rows }));
  }

  /** A host keeps no terminal that nobody is at. */
  detach(): void {
    this.end({ exitCode: null, signal: null });
  }

  async close(): Promise<void> {
    await this.opening;
    this.end({ exitCode: null, signal: null });
  }

  private send(message: Uint8Array | string): void {
    if (this.isOver) return;
    if (this.socket) this.socket.send(message);
    else this.waiting.push(message);
  }

  private async begin(open: () => ReturnType<SocketTerminalOptions["open"]>): Promise<void> {
    const opened = await open();
    if (opened.type !== "ok") {
      this.end({ exitCode: null, signal: null, failure: opened });
      return;
    }
    const socket = opened.value;
    if (this.isOver) {
      socket.close();
      return;
    }
    socket.onMessage((message) => this.take(message));
    socket.onClose((reason) => this.lose(reason));
    this.socket = socket;
    for (const message of this.waiting.splice(0)) socket.send(message);
  }

  private take(message: Uint8Array | string): void {
    if (this.isOver) return;
    if (typeof message === "string") {
      const { exitCode, signal } = JSON.parse(message) as { exitCode: number; signal: string | null };
      this.end({ exitCode, signal });
      return;
    }
    if (this.queue.isFull) {
      this.lose("nobody read what the terminal showed");
      return;
    }
    this.offset += message.length;
    this.queue.push(message);
  }

  private lose(reason: string): void {
    const cause = `The terminal broke off${reason === "" ? "" : `: ${reason}`}`;
    this.end({ exitCode: null, signal: null, failure: { type: "unknown", cause } });
  }

  private end(exit: TerminalExit): void {
    if (this.isOver) return;
    this.isOver = true;
    this.queue.end();
    this.settle(exit);
    this.socket?.close();
  }
}
