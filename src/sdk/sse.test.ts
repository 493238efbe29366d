import { expect, test } from "vitest";
import { readSse, SseParser } from "./sse.ts";

const STREAM =
  "\uFEFF: hello\r\nevent: status\r\nid: 7\r\ndata: one\r\ndata:two\r\n\r\ndata\n\ndata:  three\rretry: 250\rretry: soon\r\rid: a\0b\nunknown: x\ndata: 4\n\n";

const EVENTS = [
  { event: "status", data: "one\ntwo", lastEventId: "7" },
  { event: "message", data: "", lastEventId: "7" },
  { event: "message", data: " three", lastEventId: "7" },
  { event: "message", data: "4", lastEventId: "7" },
];

test("reads fields, comments, ids and all three line ends", () => {
  const parser = new SseParser();
  expect(parser.push(STREAM)).toEqual(EVENTS);
  expect(parser.retryMs).toBe(250);
});

test("gives the same events wherever the stream is cut in two", () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const parser = new SseParser();
    expect([...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))]).toEqual(EVENTS);
  }
});

test("gives the same events one character at a time", () => {
  const parser = new SseParser();
  expect([...STREAM].flatMap((char) => parser.push(char))).toEqual(EVENTS);
});

test("delivers an event that has a name and no data", () => {
  expect(new SseParser().push("event: end\n\n")).toEqual([{ event: "end", data: "", lastEventId: "" }]);
});

test("drops an event that the stream did not finish", async () => {
  const events = [];
  for await (const event of readSse(streamOf("data: whole\n\ndata: half\n"))) events.push(event.data);
  expect(events).toEqual(["whole"]);
});

test("puts characters together that two chunks share", async () => {
  const bytes = new TextEncoder().encode("data: é😀\n\n");
  const events = [];
  for await (const event of readSse(streamOf(...Array.from(bytes, (byte) => new Uint8Array([byte]))))) {
    events.push(event.data);
  }
  expect(events).toEqual(["é😀"]);
});

test("cancels the stream when the reader leaves", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of readSse(body)) break;
  expect(cancelled).toBe(true);
});

function streamOf(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      }
      controller.close();
    },
  });
}
