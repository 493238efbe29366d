/** What a container's main command has printed, line by line: the latest of it in memory, and on disk for the next start. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { OutputStream } from "../guest/protocol.ts";

const REMEMBERED_LINES = 5000;
/** Longer ones are cut into pieces. */
const LINE_BYTES = 16 * 1024;
/** In a millisecond. */
const NANOSECONDS = 1_000_000n;

export interface LogEntry {
  /** Nanoseconds since 1970, as digits: no two lines have the same, so a reader can go on behind one. */
  at: string;
  stream: OutputStream;
  /** With its end of line, if it has one. */
  text: string;
}

export interface LogQuery {
  stdout: boolean;
  stderr: boolean;
  /** Nanoseconds. */
  since?: bigint;
  until?: bigint;
  /** How many of the latest; absent: all. */
  tail?: number;
}

type Listener = (entry: LogEntry) => void;

export class ContainerLog {
  private readonly file: string;
  private readonly entries: LogEntry[];
  private readonly listeners = new Set<Listener>();
  private readonly rest: Record<OutputStream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  private onDisk: number;
  private latest: bigint;

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.entries = read(file).slice(-REMEMBERED_LINES);
    this.onDisk = this.entries.length;
    this.latest = BigInt(this.entries.at(-1)?.at ?? 0);
  }

  push(stream: OutputStream, data: Uint8Array): void {
    let bytes = Buffer.concat([this.rest[stream], data]);
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
      this.add(stream, bytes.subarray(0, end + 1));
      bytes = bytes.subarray(end + 1);
    }
    for (; bytes.length >= LINE_BYTES; bytes = bytes.subarray(LINE_BYTES)) {
      this.add(stream, bytes.subarray(0, LINE_BYTES));
    }
    this.rest[stream] = Buffer.from(bytes);
  }

  /** The command is over: what has no end of line will not get one. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.rest[stream].length > 0) this.add(stream, this.rest[stream]);
      this.rest[stream] = Buffer.alloc(0);
    }
  }

  read({ tail, ...query }: LogQuery): LogEntry[] {
    const found = this.entries.filter((entry) => fits(entry, query));
    return tail === undefined ? found : found.slice(found.length - Math.min(tail, found.length));
  }

  /** @returns what ends it. */
  follow(query: LogQuery, listener: Listener): () => void {
    const filtered: Listener = (entry) => {
      if (fits(entry, query)) listener(entry);
    };
    this.listeners.add(filtered);
    return () => this.listeners.delete(filtered);
  }

  private add(stream: OutputStream, bytes: Buffer): void {
    const now = BigInt(Date.now()) * NANOSECONDS;
    this.latest = now > this.latest ? now : this.latest + 1n;
    const entry = { at: String(this.latest), stream, text: bytes.toString("utf8") };
    this.entries.push(entry);
    if (this.entries.length > REMEMBERED_LINES) this.entries.shift();
    this.keep(entry);
    for (const listener of this.listeners) listener(entry);
  }

  private keep(entry: LogEntry): void {
    this.onDisk += 1;
    if (this.onDisk <= 2 * REMEMBERED_LINES) {
      appendFileSync(this.file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      return;
    }
    this.onDisk = this.entries.length;
    writeFileSync(this.file, this.entries.map((kept) => `${JSON.stringify(kept)}\n`).join(""), {
      mode: 0o600,
    });
  }
}

function fits(entry: LogEntry, { stdout, stderr, since, until }: LogQuery): boolean {
  const isWanted = entry.stream === "stdout" ? stdout : stderr;
  const at = BigInt(entry.at);
  return isWanted && at >= (since ?? at) && at <= (until ?? at);
}

/** The last line may have been cut off by a crash. */
function read(file: string): LogEntry[] {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as LogEntry];
    } catch {
      return [];
    }
  });
}
