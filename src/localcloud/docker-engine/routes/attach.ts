import { frame, MULTIPLEXED } from "../frames.ts";
import { attachmentOf, takeOver } from "../hijacked.ts";
import { flag, type Hijack } from "./route.ts";

/** The main command's outputs, line by line. It has no input here. */
export const attachRoute: Hijack = {
  path: /^\/containers\/([^/]+)\/attach$/,
  run({ engine, id, query, socket }) {
    const container = engine.find(id);
    takeOver(socket, MULTIPLEXED);
    const attachment = attachmentOf(socket);
    const wanted = { stdout: flag(query, "stdout"), stderr: flag(query, "stderr") };
    if (flag(query, "logs")) {
      for (const { stream, text } of container.log.read(wanted)) {
        attachment.write(frame(stream, Buffer.from(text)));
      }
    }
    if (!flag(query, "stream")) {
      attachment.end();
      return;
    }
    const endings = [
      container.log.follow(wanted, ({ stream, text }) => attachment.write(frame(stream, Buffer.from(text)))),
      container.onExit(() => attachment.end()),
    ];
    socket.once("close", () => {
      for (const end of endings) end();
    });
    socket.resume();
  },
};
