/** Answers that wait until they are told to go on, so that nobody has to guess by the clock what has happened. */
import type { ServerResponse } from "node:http";
import type { Way } from "./answers.ts";

interface Room {
  waiting: Set<ServerResponse>;
  /** Left before they were told anything. */
  left: number;
}

const rooms = new Map<string, Room>();

function room(name: string): Room {
  const known = rooms.get(name) ?? { waiting: new Set(), left: 0 };
  rooms.set(name, known);
  return known;
}

function wait(name: string, response: ServerResponse): void {
  const { waiting } = room(name);
  waiting.add(response);
  response.once("close", () => {
    if (waiting.delete(response)) room(name).left += 1;
  });
}

/** `/hold/<name>` says nothing until told; `/hold/<name>/begun` begins at once. */
const hold: Way = (_, response, [name = "", begun]) => {
  if (begun) response.write("first\n");
  wait(name, response);
};

/** `/events/<name>`: each that is told is an event. */
const events: Way = (_, response, [name = ""]) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("event: hello\ndata: 0\n\n");
  wait(name, response);
};

/** `/tell/<name>?<text>` to all who wait; `/tell/<name>/last?<text>` ends them. */
const tell: Way = (request, response, [name = "", last]) => {
  const text = decodeURIComponent((request.url ?? "").split("?")[1] ?? "");
  const { waiting } = room(name);
  for (const one of [...waiting]) {
    if (last) {
      waiting.delete(one);
      one.end(text);
    } else {
      one.write(text);
    }
  }
  response.end();
};

/** `/room/<name>`: who waits, and who has left. */
const look: Way = (_, response, [name = ""]) => {
  const { waiting, left } = room(name);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ waiting: waiting.size, left }));
};

/** `/swallow/<name>`: an upload that is told about in its room while it is under way. */
const swallow: Way = (request, response, [name = ""]) => {
  wait(name, response);
  request.on("data", () => {});
  request.on("end", () => {
    room(name).waiting.delete(response);
    response.end("all of it");
  });
  request.on("error", () => {});
};

export const held: Record<string, Way> = { hold, events, tell, room: look, swallow };
