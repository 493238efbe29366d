/**
 * What stands behind both Workers: a raw server, so that the load's core is left to the load. Answers one canned 200 to
 * each request head; requests carry no body. A WebSocket gets its messages back. Tells its port over IPC, and ends with
 * whoever started it.
 */
import { createServer, type Socket } from "node:net";
import { acceptKeyOf, frameOf, readFrames } from "./frames.ts";

const BODY = "ok\n";
const ANSWER = [
  "HTTP/1.1 200 OK",
  "Content-Type: text/plain",
  `Content-Length: ${BODY.length}`,
  "Connection: keep-alive",
  "",
  BODY,
].join("\r\n");
const END_OF_HEAD = "\r\n\r\n";

const server = createServer({ noDelay: true }, (socket) => {
  let unfinished = "";
  // Workers hang up as they please.
  socket.on("error", () => undefined);
  socket.on("data", function answer(data) {
    const key = /^sec-websocket-key: (.*)\r$/im.exec(data.toString("latin1"))?.[1];
    if (key !== undefined) {
      socket.off("data", answer);
      echo(socket, key);
      return;
    }
    const heads = (unfinished + data.toString("latin1")).split(END_OF_HEAD);
    unfinished = heads.pop() ?? "";
    if (heads.length > 0) {
      socket.write(ANSWER.repeat(heads.length));
    }
  });
});

/** The handshake's head is small enough to come as one. */
function echo(socket: Socket, key: string): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKeyOf(key)}\r\n\r\n`,
  );
  let unfinished: Buffer = Buffer.alloc(0);
  socket.on("data", (data) => {
    const { messages, rest } = readFrames(Buffer.concat([unfinished, data]));
    unfinished = rest;
    for (const message of messages) {
      socket.write(frameOf(message));
    }
  });
}

server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : undefined });
});
process.on("disconnect", () => process.exit(0));
