/**
 * What stands behind both Workers: a raw server, so that the load's core is left to the load. Answers one canned 200 to
 * each request head; requests carry no body. Tells its port over IPC, and ends with whoever started it.
 */
import { createServer } from "node:net";

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
  socket.on("data", (data) => {
    const heads = (unfinished + data.toString("latin1")).split(END_OF_HEAD);
    unfinished = heads.pop() ?? "";
    if (heads.length > 0) {
      socket.write(ANSWER.repeat(heads.length));
    }
  });
});

server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : undefined });
});
process.on("disconnect", () => process.exit(0));
