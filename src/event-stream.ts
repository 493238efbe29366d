import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

/** A silent stream says that it is alive this often, in milliseconds: proxies cut what is silent, and only a write finds out that the reader has gone. */
const HEARTBEAT_MS = 5_000;

export interface EventStream {
  send: (event: { id?: string; event?: string; data: unknown }) => Promise<void>;
  sleep: (ms: number) => Promise<unknown>;
  /** Aborted when the reader has gone. */
  signal: AbortSignal;
}

/** Server-sent events of JSON, with a heartbeat, until `run` returns or the reader goes. */
export function eventStream(c: Context, run: (stream: EventStream) => Promise<void>): Response {
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => {
      gone.abort();
    });
    const heartbeat = setInterval(() => void beat(stream), HEARTBEAT_MS);
    try {
      await run({
        send: ({ data, ...event }) => stream.writeSSE({ ...event, data: JSON.stringify(data) }),
        sleep: (ms) => stream.sleep(ms),
        signal: gone.signal,
      });
    } finally {
      clearInterval(heartbeat);
    }
  });
}

async function beat(stream: SSEStreamingApi): Promise<void> {
  await stream.write(": still here\n\n");
}
