import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LogBuffer, type QueuedLine } from "./log-buffer.ts";
import type { HostLogLine, LogBatch } from "./protocol.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";

/** Lines that come together go together; and it bounds how many batches there are. */
const PAUSE_MS = 250;
const LOOK_AGAIN_MS = 50;

export type Log = (level: HostLogLine["level"], message: string) => void;

/** Sends the agent's output and this program's own lines, one batch after the other. */
export class LogShipper {
  private readonly buffer = new LogBuffer(randomUUID());
  private readonly cursorPath: string;
  private readonly send: (batch: LogBatch) => boolean;
  private timer: NodeJS.Timeout | undefined;

  /** @param send whether it left; else it is sent after the next `resume`. */
  constructor(stateDir: string, send: (batch: LogBatch) => boolean) {
    this.cursorPath = join(stateDir, "log-position");
    this.send = send;
  }

  /** A line of this program's own, here for the server's journal as well. */
  readonly log: Log = (level, message) => {
    process.stderr.write(`${level.toUpperCase()} ${message}\n`);
    this.add({ at: Date.now(), source: "host", level, message });
  };

  add(line: QueuedLine): void {
    this.buffer.add(line);
    this.schedule();
  }

  /** Up to where the agent's output has arrived, in this program's life or in one before. */
  position(): string | undefined {
    return readStateFile(this.cursorPath)?.trim();
  }

  acknowledge(seq: number): void {
    const position = this.buffer.acknowledge(seq);
    if (position !== undefined) writeStateFile(this.cursorPath, `${position}\n`);
    this.schedule();
  }

  /** On a new connection: what was on its way goes again. */
  resume(): void {
    const batch = this.buffer.isWaitingForAck ? this.buffer.batch() : undefined;
    if (batch) this.send(batch);
    else this.schedule();
  }

  /** Resolves once everything has arrived, or it takes too long. */
  async drained(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.buffer.isEmpty && Date.now() < deadline) await sleep(LOOK_AGAIN_MS);
  }

  private schedule(): void {
    if (this.timer || this.buffer.isWaitingForAck || this.buffer.isEmpty) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const batch = this.buffer.isWaitingForAck ? undefined : this.buffer.batch();
      if (batch) this.send(batch);
    }, PAUSE_MS);
  }
}
