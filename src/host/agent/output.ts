import { setTimeout as sleep } from "node:timers/promises";
import { Demultiplexer, type OutputStream } from "../../docker-engine-client/demultiplex.ts";
import type { Engine } from "../../docker-engine-client/engine.ts";
import type { QueuedLine } from "../log-buffer.ts";
import { afterPosition, type OutputLine, parseLine } from "./output-line.ts";

/** No line is longer than this, however it came. */
const MAX_PARTIAL = 64 * 1024;
const AGAIN_MS = 1_000;

export interface OutputSink {
  add: (line: QueuedLine) => void;
  /** Up to where it arrived before. */
  position: () => string | undefined;
}

/** Reads what a container says from where it was read last, until it has ended. */
export async function followOutput(
  engine: Engine,
  container: string,
  { add, position }: OutputSink,
  isOver: () => boolean,
): Promise<void> {
  let seen = position();
  const take = (line: OutputLine) => {
    seen = line.position;
    add({ at: line.at, source: "agent", level: "info", message: line.message, position: line.position });
  };
  for (;;) {
    const wasOver = isOver();
    await readOnce(engine, container, seen, take).catch(() => {});
    // The stream also ends when the engine goes away for a moment.
    if (wasOver || isOver()) return;
    await sleep(AGAIN_MS);
  }
}

async function readOnce(
  engine: Engine,
  container: string,
  seen: string | undefined,
  tell: (line: OutputLine) => void,
): Promise<void> {
  const take = (bytes: Buffer) => {
    const line = parseLine(bytes.toString("utf8"));
    if (line && (seen === undefined || line.position > seen)) tell(line);
  };
  const query = { follow: "1", stdout: "1", stderr: "1", timestamps: "1", since: afterPosition(seen) };
  const stream = await engine.stream("GET", `/containers/${container}/logs`, { query });
  const partial: Record<OutputStream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const demultiplexer = new Demultiplexer((name, data) => {
    let rest = Buffer.concat([partial[name], data]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      take(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    partial[name] = rest.length > MAX_PARTIAL ? Buffer.alloc(0) : Buffer.from(rest);
  });
  for await (const data of stream) demultiplexer.push(data as Buffer);
  for (const rest of Object.values(partial)) take(rest);
}
