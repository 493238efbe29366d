import { ApiError, ConnectionError, errorFromEvent } from "./errors.ts";
import { sleep } from "./retry.ts";
import { readSse, type SseEvent, SseParser } from "./sse.ts";
import { connectionError } from "./transport.ts";

const RECONNECT_MS = 1_000;
/** Fruitless reconnects in a row after which the stream is given up. */
const MAX_FRUITLESS = 5;

/** How to open a stream, again and again. */
export interface LiveStream {
  /** Opens it; `lastEventId` is empty the first time. */
  open: (lastEventId: string) => Promise<Response>;
  signal?: AbortSignal;
  /** Called before each reconnect. */
  onReconnect?: () => void;
}

/**
 * The events of a stream that outlives its connections: one that is cut off is opened again with the id of the
 * last event. Ends at `event: end`; throws at `event: error` and when the server refuses.
 */
export async function* follow(stream: LiveStream): AsyncGenerator<SseEvent, void, void> {
  let lastEventId = "";
  let retryMs = RECONNECT_MS;
  for (let fruitless = 0; ; fruitless++) {
    const parser = new SseParser(lastEventId);
    let url = "";
    try {
      const response = await stream.open(lastEventId);
      url = response.url;
      for await (const event of readSse(bodyOf(response), parser)) {
        fruitless = 0;
        lastEventId = event.lastEventId;
        if (event.event === "end") return;
        if (event.event === "error") throw errorFromEvent(event.data);
        yield event;
      }
    } catch (error) {
      stream.signal?.throwIfAborted();
      const isCut = error instanceof ConnectionError || !(error instanceof ApiError);
      if (!isCut || fruitless >= MAX_FRUITLESS) throw error;
    }
    if (fruitless >= MAX_FRUITLESS) throw connectionLost(url);
    retryMs = parser.retryMs ?? retryMs;
    await sleep(retryMs, stream.signal);
    stream.onReconnect?.();
  }
}

/** The events of a stream that cannot be resumed: a cut is an error. */
export async function* readOnce(
  response: Response,
  signal?: AbortSignal,
): AsyncGenerator<SseEvent, void, void> {
  try {
    for await (const event of readSse(bodyOf(response))) {
      if (event.event === "error") throw errorFromEvent(event.data);
      yield event;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof ApiError ? error : connectionError(response.url, error);
  }
}

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (!response.body) throw connectionLost(response.url);
  return response.body;
}

function connectionLost(url: string): ConnectionError {
  return new ConnectionError("The stream ended before its time.", { code: "stream_lost", url });
}
