import type { Socket } from "node:net";
import type { Attachment } from "./execs.ts";

/** From here on the connection carries bytes, not HTTP. */
export function takeOver(socket: Socket, contentType: string): void {
  socket.write(
    `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
  );
}

/** A caller that is gone ends nothing: a command goes on without an audience. */
export function attachmentOf(socket: Socket): Attachment {
  return {
    write: (data) => {
      if (socket.writable) socket.write(data);
    },
    end: () => {
      socket.end();
      // Its caller may keep its own side open for ever.
      socket.resume();
    },
    onInput: (listener) => {
      socket.on("data", listener);
    },
    onInputEnd: (listener) => {
      socket.once("end", listener);
      socket.once("close", listener);
    },
  };
}

/** For a command that nobody listens to. */
export const DETACHED: Attachment = {
  write: () => {},
  end: () => {},
  onInput: () => {},
  onInputEnd: (listener) => listener(),
};
