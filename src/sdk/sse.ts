/** One server-sent event. */
export interface SseEvent {
  /** The event's name; `message` when the stream gave none. */
  event: string;
  data: string;
  /** The last id seen so far on the stream, to resume from. */
  lastEventId: string;
}

/**
 * A parser for `text/event-stream` as the HTML standard defines it: any of the three line ends, across any
 * chunk boundary. It differs in one point: an event with a name but no data is delivered, where a browser drops
 * it, because a bare `event: end` is how streams here may finish.
 */
export class SseParser {
  /** What the stream asked to wait before reconnecting, in milliseconds. */
  retryMs: number | null = null;
  #lastEventId = "";
  #buffer = "";
  #event = "";
  #data: string[] = [];
  #atStart = true;
  #afterCarriageReturn = false;

  constructor(lastEventId = "") {
    this.#lastEventId = lastEventId;
  }

  /** Takes the next piece of text and returns the events it completes. */
  push(text: string): SseEvent[] {
    this.#buffer += text;
    if (this.#atStart && this.#buffer !== "") {
      this.#atStart = false;
      if (this.#buffer.startsWith("\uFEFF")) this.#buffer = this.#buffer.slice(1);
    }
    const events: SseEvent[] = [];
    for (let line = this.#nextLine(); line !== null; line = this.#nextLine()) {
      const event = this.#take(line);
      if (event) events.push(event);
    }
    return events;
  }

  #nextLine(): string | null {
    // The LF of a CRLF may arrive a chunk later; the CR has ended the line already.
    if (this.#afterCarriageReturn && this.#buffer !== "") {
      this.#afterCarriageReturn = false;
      if (this.#buffer.startsWith("\n")) this.#buffer = this.#buffer.slice(1);
    }
    const end = this.#buffer.search(/[\r\n]/);
    if (end === -1) return null;
    this.#afterCarriageReturn = this.#buffer[end] === "\r";
    const line = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end + 1);
    return line;
  }

  #take(line: string): SseEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    const rest = colon === -1 ? "" : line.slice(colon + 1);
    const value = rest.startsWith(" ") ? rest.slice(1) : rest;
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#lastEventId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  #dispatch(): SseEvent | null {
    if (this.#data.length === 0 && this.#event === "") return null;
    const event = {
      event: this.#event === "" ? "message" : this.#event,
      data: this.#data.join("\n"),
      lastEventId: this.#lastEventId,
    };
    this.#event = "";
    this.#data = [];
    return event;
  }
}

/** The events of a response body. Leaving the loop early closes the connection. */
export async function* readSse(
  body: ReadableStream<Uint8Array>,
  parser = new SseParser(),
): AsyncGenerator<SseEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      yield* parser.push(decoder.decode(chunk.value, { stream: true }));
    }
  } finally {
    // The connection may already be gone, which is what cancelling is for.
    await reader.cancel().catch(() => {});
  }
}
