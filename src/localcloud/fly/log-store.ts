/** The last lines of each app, in memory for reading and on disk for the next start. */
import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const RING_LINES = 2000;
/** A line longer than this is cut: one line without an end must not fill the memory. */
const LINE_BYTES = 16 * 1024;
/** The file is rewritten with what the ring holds when it has grown to this many rings. */
const FILE_RINGS = 3;

export interface LogLine {
  sequence: number;
  timestamp: string;
  message: string;
  level: "info" | "warning" | "error";
  instance: string;
  region: string;
  provider: "app" | "runner" | "proxy";
}

interface AppLog {
  lines: LogLine[];
  sequence: number;
  unsaved: LogLine[];
  onDisk: number;
}

export interface LogQuery {
  after?: number;
  instance?: string;
  region?: string;
}

export class LogStore {
  private readonly dir: string;
  private readonly apps = new Map<string, AppLog>();
  private flushing: Promise<void> | undefined;

  constructor(dir: string) {
    this.dir = dir;
  }

  async load(apps: Iterable<string>): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    for (const app of apps) {
      const text = await readFile(this.fileOf(app), "utf8").catch(() => "");
      const lines = text.split("\n").flatMap(parseLine).slice(-RING_LINES);
      this.apps.set(app, { lines, sequence: lines.at(-1)?.sequence ?? 0, unsaved: [], onDisk: lines.length });
    }
  }

  add(app: string, line: Omit<LogLine, "sequence" | "timestamp">): void {
    const log = this.logOf(app);
    log.sequence += 1;
    const kept: LogLine = {
      ...line,
      message: line.message.slice(0, LINE_BYTES),
      sequence: log.sequence,
      timestamp: new Date().toISOString(),
    };
    log.lines.push(kept);
    log.unsaved.push(kept);
    if (log.lines.length > RING_LINES) log.lines.shift();
    this.flushing ??= this.flush();
  }

  /** Lines after a sequence number, or the latest ones. */
  read(app: string, { after, instance, region }: LogQuery): LogLine[] {
    const lines = (this.apps.get(app)?.lines ?? []).filter(
      (line) => (!instance || line.instance === instance) && (!region || line.region === region),
    );
    return after === undefined ? lines.slice(-LATEST) : lines.filter(({ sequence }) => sequence > after);
  }

  lastSequence(app: string): number {
    return this.apps.get(app)?.sequence ?? 0;
  }

  async remove(app: string): Promise<void> {
    this.apps.delete(app);
    await this.flushing;
    await rm(this.fileOf(app), { force: true });
  }

  async close(): Promise<void> {
    while (this.flushing) await this.flushing;
  }

  private logOf(app: string): AppLog {
    const log = this.apps.get(app) ?? { lines: [], sequence: 0, unsaved: [], onDisk: 0 };
    this.apps.set(app, log);
    return log;
  }

  private async flush(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const [app, log] of this.apps) {
      const lines = log.unsaved.splice(0);
      if (lines.length === 0) continue;
      log.onDisk += lines.length;
      if (log.onDisk <= RING_LINES * FILE_RINGS) {
        await appendFile(this.fileOf(app), serialize(lines), { mode: 0o600 });
      } else {
        log.onDisk = log.lines.length;
        await writeFile(`${this.fileOf(app)}.draft`, serialize(log.lines), { mode: 0o600 });
        await rename(`${this.fileOf(app)}.draft`, this.fileOf(app));
      }
    }
    const more = [...this.apps.values()].some(({ unsaved }) => unsaved.length > 0);
    this.flushing = more ? this.flush() : undefined;
  }

  private fileOf(app: string): string {
    return join(this.dir, `${app}.ndjson`);
  }
}

/** How many lines a first look gets. */
const LATEST = 100;

function serialize(lines: LogLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** The last line may have been cut off by a crash. */
function parseLine(text: string): LogLine[] {
  try {
    return text === "" ? [] : [JSON.parse(text) as LogLine];
  } catch {
    return [];
  }
}

/** Cuts a stream of bytes into lines, holding an unfinished one back. */
export class LineCutter {
  private rest = "";
  private readonly decoder = new TextDecoder();
  private readonly emit: (line: string) => void;

  constructor(emit: (line: string) => void) {
    this.emit = emit;
  }

  push(data: Uint8Array): void {
    const parts = (this.rest + this.decoder.decode(data, { stream: true })).split("\n");
    this.rest = parts.pop() ?? "";
    for (const line of parts) this.emit(line.replace(/\r$/, ""));
    if (this.rest.length > LINE_BYTES) this.end();
  }

  end(): void {
    if (this.rest !== "") this.emit(this.rest);
    this.rest = "";
  }
}
