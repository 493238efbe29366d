import { follow } from "../live.ts";
import type { RequestOptions, Transport } from "../transport.ts";
import type { LogLine } from "../types.ts";

/** What the instances' programs logged. */
export class Logs {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The last `lines` lines, oldest first; default 200, at most 1000. */
  async list(
    instanceId: string,
    input: { lines?: number } = {},
    options?: RequestOptions,
  ): Promise<LogLine[]> {
    const call = { method: "GET", path: logsPath(instanceId), query: { lines: input.lines } };
    return (await this.#transport.json<{ logs: LogLine[] }>(call, options)).logs;
  }

  /** The last lines and then each new one, across dropped connections, until the log ends. */
  async *follow(
    instanceId: string,
    input: { lines?: number; onReconnect?: () => void } = {},
    options: RequestOptions = {},
  ): AsyncGenerator<LogLine, void, void> {
    const seen = new SeenLines();
    const events = follow({
      signal: options.signal,
      onReconnect: () => {
        seen.reopened();
        input.onReconnect?.();
      },
      open: (lastEventId) =>
        this.#transport.open(
          {
            method: "GET",
            path: logsPath(instanceId),
            query: { follow: 1, lines: input.lines },
            accept: "text/event-stream",
          },
          { ...options, headers: { ...options.headers, ...resumeFrom(lastEventId) } },
        ),
    });
    for await (const event of events) {
      const line = JSON.parse(event.data) as LogLine;
      if (seen.isNew(line)) yield line;
    }
  }
}

/** Leaves out what a reopened stream repeats. Equal lines on one connection are all real. */
class SeenLines {
  #lastTimestamp = "";
  #atLastTimestamp: string[] = [];
  #repeated: string[] | null = null;

  reopened(): void {
    this.#repeated = [...this.#atLastTimestamp];
  }

  isNew(line: LogLine): boolean {
    const key = `${line.instance} ${line.message}`;
    if (this.#repeated) {
      if (line.timestamp < this.#lastTimestamp) return false;
      const at = line.timestamp === this.#lastTimestamp ? this.#repeated.indexOf(key) : -1;
      if (at !== -1) {
        this.#repeated.splice(at, 1);
        return false;
      }
      if (line.timestamp > this.#lastTimestamp) this.#repeated = null;
    }
    if (line.timestamp > this.#lastTimestamp) {
      this.#lastTimestamp = line.timestamp;
      this.#atLastTimestamp = [];
    }
    if (line.timestamp === this.#lastTimestamp) this.#atLastTimestamp.push(key);
    return true;
  }
}

function logsPath(instanceId: string): string {
  return `/api/instances/${encodeURIComponent(instanceId)}/logs`;
}

function resumeFrom(lastEventId: string): Record<string, string> {
  return lastEventId === "" ? {} : { "last-event-id": lastEventId };
}
