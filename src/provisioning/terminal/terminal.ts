/**
 * An interactive terminal over a vendor's exec: one call waits in the machine for something to show while others type.
 * Keys that arrive during a call travel together in the next one, so a slow or rate limited vendor costs latency and
 * never order.
 */
import type { Outcome } from "../../providers/provider.ts";
import { concat } from "../exec/base64.ts";
import { Caller, type Clock, reject, type VendorExec } from "../exec/caller.ts";
import type { ExecFailure } from "../exec/run.ts";
import { signalOf } from "../exec/signals.ts";
import { ByteQueue } from "./byte-queue.ts";
import {
  closeRequest,
  type Glimpse,
  INPUT_BYTES,
  openRequest,
  parseGlimpse,
  readRequest,
  resizeRequest,
  type Shell,
  type Size,
  writeRequest,
} from "./script.ts";

export type { Shell, Size } from "./script.ts";

export interface TerminalOptions extends Size {
  exec: VendorExec;
  /** Of a session to come back to; absent opens a new one. Letters and digits. */
  sessionId?: string;
  /** How much of a session's output was seen before; with 0 it is shown again from its beginning. */
  offset?: number;
  shell?: Shell;
  /** How long one call may wait in the machine for something to show. */
  holdSeconds?: number;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
  newId?: () => string;
}

export interface TerminalExit {
  /** Null when the session was lost sight of; `failure` says why. */
  exitCode: number | null;
  signal: string | null;
  failure?: ExecFailure;
}

export interface Terminal {
  readonly sessionId: string;
  /** How much of the output was handed out: the `offset` to come back with. */
  readonly offset: number;
  /** Ends with the session or after `detach`. Iterate it once. */
  readonly output: AsyncIterable<Uint8Array>;
  readonly exit: Promise<TerminalExit>;
  write(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Leaves the session running. */
  detach(): void;
  /** Ends the session. */
  close(): Promise<void>;
}

type Shown = Extract<Glimpse, { state: "running" | "exited" }>;

/** Vendors cut exec off somewhere past 30 s. */
const HOLD_SECONDS = 15;
const READ_BYTES = 64 * 1024;
/** A terminal nobody reads is not read from the machine either. */
const QUEUE_BYTES = 1024 * 1024;
const SESSION_ID = /^[A-Za-z0-9]{8,64}$/;

/** At once: what is typed before the session is open waits for it. */
export function openTerminal(options: TerminalOptions): Terminal {
  const clock: Clock = {
    now: options.now ?? (() => Date.now()),
    sleep: options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
  };
  return new Connection(options, clock);
}

function problemOf(glimpse: Glimpse): ExecFailure | undefined {
  if (glimpse.state === "unequipped") {
    return reject(
      "unsupported",
      "The machine has no `script` command, which a terminal needs (package util-linux)",
    );
  }
  if (glimpse.state === "nowhere") return reject("unsupported", "No folder in the machine can be written");
  if (glimpse.state === "gone")
    return reject("missing", "The machine knows nothing of this terminal: it restarted");
  return undefined;
}

class Connection implements Terminal {
  readonly sessionId: string;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exit: Promise<TerminalExit>;
  offset: number;

  private readonly caller: Caller;
  private readonly queue = new ByteQueue(QUEUE_BYTES);
  private typed: Uint8Array[] = [];
  private size: Size | undefined;
  /** Counts from the clock, so that a connection that comes back does not repeat the numbers of the one before. */
  private sequence: number;
  private readonly holdSeconds: number;
  private readonly opening: Promise<void>;
  private isOpen = false;
  private isSending = false;
  private isOver = false;
  /** A call that fails is not made again for a connection that is over. */
  private readonly wanted = { isWanted: () => !this.isOver };
  private settle: (exit: TerminalExit) => void = () => {};

  constructor(options: TerminalOptions, clock: Clock) {
    this.caller = new Caller(options.exec, clock);
    this.sessionId = options.sessionId ?? options.newId?.() ?? crypto.randomUUID().replaceAll("-", "");
    this.offset = options.offset ?? 0;
    this.sequence = clock.now();
    this.holdSeconds = options.holdSeconds ?? HOLD_SECONDS;
    this.output = this.queue;
    this.exit = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.opening = this.open({ cols: options.cols, rows: options.rows }, options.shell ?? {});
  }

  write(bytes: Uint8Array): void {
    if (this.isOver || bytes.length === 0) return;
    this.typed.push(bytes.slice());
    void this.send();
  }

  resize(cols: number, rows: number): void {
    if (this.isOver) return;
    this.size = { cols, rows };
    void this.send();
  }

  detach(): void {
    this.end({ exitCode: null, signal: null });
  }

  async close(): Promise<void> {
    // One that is still being opened would be opened after it was closed, and stay.
    await this.opening;
    if (this.isOver) return;
    const closed = await this.caller.attempt(() => closeRequest(this.sessionId), parseGlimpse);
    if (closed.type === "ok" && closed.value.state === "exited") this.finish(closed.value.exitCode);
    else this.end({ exitCode: null, signal: null, ...(closed.type === "ok" ? {} : { failure: closed }) });
  }

  private async open(size: Size, shell: Shell): Promise<void> {
    if (!SESSION_ID.test(this.sessionId)) {
      this.lose(reject("missing", "There is no such terminal"));
      return;
    }
    const opened = await this.caller.attempt(() => openRequest(this.sessionId, size, shell), parseGlimpse);
    const problem = opened.type === "ok" ? problemOf(opened.value) : opened;
    if (problem !== undefined) {
      this.lose(problem);
      return;
    }
    this.isOpen = true;
    void this.send();
    void this.read();
  }

  /** Always one call in the machine that waits for something to show. */
  private async read(): Promise<void> {
    while (!this.isOver) {
      await this.queue.room();
      const { offset } = this;
      const limit = Math.min(READ_BYTES, this.caller.limit);
      const seen = await this.caller.attempt(
        () => readRequest(this.sessionId, { offset, limit, holdSeconds: this.holdSeconds }),
        parseGlimpse,
        this.wanted,
      );
      this.take(seen, true);
    }
  }

  /** One at a time: what arrives meanwhile goes along with the next. */
  private async send(): Promise<void> {
    if (!this.isOpen || this.isSending) return;
    this.isSending = true;
    while (!this.isOver && (this.size !== undefined || this.typed.length > 0)) {
      const { size } = this;
      if (size !== undefined) {
        this.size = undefined;
        await this.caller.attempt(() => resizeRequest(this.sessionId, size), parseGlimpse, this.wanted);
        continue;
      }
      const all = concat(this.typed);
      const input = all.subarray(0, INPUT_BYTES);
      this.typed = all.length > INPUT_BYTES ? [all.subarray(INPUT_BYTES)] : [];
      const sequence = ++this.sequence;
      const { offset } = this;
      const limit = Math.min(READ_BYTES, this.caller.limit);
      const seen = await this.caller.attempt(
        () => writeRequest(this.sessionId, { offset, limit, sequence, input }),
        parseGlimpse,
        this.wanted,
      );
      this.take(seen, false);
    }
    this.isSending = false;
  }

  /** Both loops bring output; what one has brought already, the other brings in vain. */
  private take(seen: Outcome<Glimpse>, isReader: boolean): void {
    if (this.isOver) return;
    const problem = seen.type === "ok" ? problemOf(seen.value) : seen;
    if (problem !== undefined || seen.type !== "ok") {
      this.lose(problem);
      return;
    }
    const { state, offset, data, size, exitCode } = seen.value as Shown;
    const known = this.offset - offset;
    if (known < 0) this.offset = offset;
    const fresh = data.subarray(Math.max(0, known));
    if (fresh.length > 0) {
      this.offset += fresh.length;
      this.queue.push(fresh);
    }
    if (isReader && state === "exited" && this.offset >= size) this.finish(exitCode);
  }

  private finish(exitCode = 0): void {
    this.end({ exitCode, signal: signalOf(exitCode) });
  }

  private lose(failure: ExecFailure | undefined): void {
    this.end({ exitCode: null, signal: null, ...(failure === undefined ? {} : { failure }) });
  }

  private end(exit: TerminalExit): void {
    this.isOver = true;
    this.queue.end();
    this.settle(exit);
  }
}
