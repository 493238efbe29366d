import type { HostLogLine, LogBatch } from "./protocol.ts";

const MAX_LINES = 5_000;
const MAX_CHARACTERS = 4_000_000;
const BATCH_LINES = 200;
const BATCH_CHARACTERS = 200_000;
/** A line longer than this is cut. */
const MAX_LINE = 4_096;

export interface QueuedLine extends HostLogLine {
  /** When the engine wrote it down: where to read on from, once it has arrived. */
  position?: string;
}

/**
 * Lines that wait to be sent. A batch stays until it is acknowledged, and goes again on a new connection as it was. When lines
 * come faster than they can be sent, the oldest that wait are given up, and counted.
 */
export class LogBuffer {
  private readonly run: string;
  private waiting: QueuedLine[] = [];
  private characters = 0;
  private lost = 0;
  private seq = 0;
  private sent: { batch: LogBatch; position: string | undefined } | undefined;

  /** @param run tells this life of the program from any other. */
  constructor(run: string) {
    this.run = run;
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.sent === undefined;
  }

  get isWaitingForAck(): boolean {
    return this.sent !== undefined;
  }

  add(line: QueuedLine): void {
    const message = line.message.length > MAX_LINE ? `${line.message.slice(0, MAX_LINE - 1)}…` : line.message;
    this.waiting.push({ ...line, message });
    this.characters += message.length;
    while (this.waiting.length > MAX_LINES || this.characters > MAX_CHARACTERS) this.giveUpOldest();
  }

  /** The batch that is on its way, or the next one; undefined when nothing waits. */
  batch(): LogBatch | undefined {
    if (this.sent) return this.sent.batch;
    let size = 0;
    let count = 0;
    for (const { message } of this.waiting) {
      size += message.length;
      if (count === BATCH_LINES || (count > 0 && size > BATCH_CHARACTERS)) break;
      count++;
    }
    if (count === 0) return undefined;
    const taken = this.waiting.splice(0, count);
    for (const { message } of taken) this.characters -= message.length;
    const lines = taken.map(({ at, source, level, message }) => ({ at, source, level, message }));
    const position = taken.findLast((line) => line.position !== undefined)?.position;
    this.sent = { batch: { type: "logs", run: this.run, seq: ++this.seq, lines, lost: this.lost }, position };
    this.lost = 0;
    return this.sent.batch;
  }

  /** @returns up to where the agent's output has arrived, if this batch had any of it. */
  acknowledge(seq: number): string | undefined {
    if (this.sent?.batch.seq !== seq) return undefined;
    const { position } = this.sent;
    this.sent = undefined;
    return position;
  }

  private giveUpOldest(): void {
    const oldest = this.waiting.shift();
    if (oldest) {
      this.characters -= oldest.message.length;
      this.lost++;
    }
  }
}
