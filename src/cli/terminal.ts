import { StringDecoder } from "node:string_decoder";
import type { ReadStream, WriteStream } from "node:tty";

/** How a session in the terminal ended. */
export type SessionEnd =
  | { type: "exit"; exitCode: number | null; signal: string | null }
  /** The ticket does not open it. */
  | { type: "refused"; reason: string }
  /** The server says what went wrong. */
  | { type: "failed"; reason: string }
  | { type: "unreachable" }
  | { type: "dropped"; code: number; reason: string };

/** What a session is between. */
export interface Session {
  url: string;
  stdin: ReadStream;
  stdout: WriteStream;
}

type ServerMessage =
  | { type: "output"; data: string }
  | { type: "exit"; exitCode: number | null; signal: string | null };

/** Undoes what a program that never got to its end may have switched on: colours, mouse, paste marks, cursor. */
const RESET = "\x1b[0m\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l";
const ENTER_ALTERNATE_SCREEN = "\x1b[?1049h";
const LEAVE_ALTERNATE_SCREEN = "\x1b[?1049l";

/** Connects the person's terminal with the one on the instance until either ends. */
export function runSession(session: Session): Promise<SessionEnd> {
  const { stdin, stdout } = session;
  const socket = new WebSocket(sizedUrl(session));
  const decoder = new StringDecoder("utf8");
  let isOpen = false;
  let inAlternateScreen = false;
  let end: SessionEnd | null = null;

  const send = (message: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const sendSize = () => send({ type: "resize", ...sizeOf(stdout) });
  const sendInput = (chunk: Buffer) => {
    const data = decoder.write(chunk);
    if (data !== "") send({ type: "input", data });
  };
  const restore = () => {
    stdin.off("data", sendInput);
    stdout.off("resize", sendSize);
    if (stdin.isRaw) stdin.setRawMode(false);
    stdin.pause();
  };
  // However the process ends, the shell it came from must get its terminal back.
  process.once("exit", restore);

  socket.addEventListener("open", () => {
    isOpen = true;
    stdin.setRawMode(true);
    stdin.on("data", sendInput);
    stdout.on("resize", sendSize);
    sendSize();
    stdin.resume();
  });
  socket.addEventListener("message", (event) => {
    const message = messageOf(event.data);
    if (message?.type === "exit") {
      end = message;
      socket.close();
    } else if (message?.type === "output") {
      const entered = message.data.lastIndexOf(ENTER_ALTERNATE_SCREEN);
      const left = message.data.lastIndexOf(LEAVE_ALTERNATE_SCREEN);
      if (entered !== left) inAlternateScreen = entered > left;
      stdout.write(message.data);
    }
  });
  return new Promise((resolve) => {
    const finish = (found: SessionEnd) => {
      process.off("exit", restore);
      restore();
      if (isOpen && found.type !== "exit")
        stdout.write((inAlternateScreen ? LEAVE_ALTERNATE_SCREEN : "") + RESET);
      resolve(found);
    };
    socket.addEventListener("error", () => {
      if (!isOpen) finish({ type: "unreachable" });
    });
    socket.addEventListener("close", ({ code, reason }) => finish(end ?? endOf({ isOpen, code, reason })));
  });
}

/** The shell starts with the right size, rather than being resized when it may have drawn already. */
function sizedUrl({ url, stdout }: Session): string {
  const sized = new URL(url);
  const { cols, rows } = sizeOf(stdout);
  sized.searchParams.set("cols", String(cols));
  sized.searchParams.set("rows", String(rows));
  return sized.href;
}

/** 4401 and 1008 refuse, other 44xx tell of a failure; anything else is an accident of the connection. */
function endOf(closed: { isOpen: boolean; code: number; reason: string }): SessionEnd {
  const { code, reason } = closed;
  if (code === 1008 || code === 4401) return { type: "refused", reason };
  if (code >= 4400 && code < 4500) return { type: "failed", reason };
  return closed.isOpen ? { type: "dropped", code, reason } : { type: "unreachable" };
}

function messageOf(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    return JSON.parse(data) as ServerMessage;
  } catch {
    return null;
  }
}

/** A terminal that was never told its size says nothing. */
function sizeOf({ columns, rows }: Pick<WriteStream, "columns" | "rows">): { cols: number; rows: number } {
  return { cols: columns || 80, rows: rows || 24 };
}
