import type { ToHost } from "../host/protocol.ts";
import { newExecId } from "../ids.ts";
import { type HostConnection, type Sockets, sendFrame } from "./sockets.ts";

/** Where a terminal is asked for, within the control plane: `?cols=&rows=`, and a command as JSON in `command`. */
export const PTY_PATH = "/pty";

/**
 * A terminal as a WebSocket: bytes are what is typed and shown, text is `{"cols","rows"}` one way and at last
 * `{"exitCode","signal"}` the other.
 */
export function openPty(sockets: Sockets, host: HostConnection | undefined, request: Request): Response {
  if (!host) {
    return new Response(null, { status: 409 });
  }
  const { searchParams } = new URL(request.url);
  const command = searchParams.get("command");
  const id = newExecId();
  const { 0: client, 1: server } = new WebSocketPair();
  sockets.acceptPty(server, id);
  sendFrame(host.socket, {
    type: "pty-open",
    id,
    ...(command === null ? {} : { command: JSON.parse(command) as string[] }),
    cols: Number(searchParams.get("cols") ?? 80),
    rows: Number(searchParams.get("rows") ?? 24),
  });
  return new Response(null, { status: 101, webSocket: client });
}

/** What somebody at a terminal did, for the host; undefined for what makes no sense. */
export function toHostFrame(id: string, message: string | ArrayBuffer): ToHost | undefined {
  if (typeof message !== "string") {
    return { type: "pty-input", id, data: toBase64(new Uint8Array(message)) };
  }
  try {
    const { cols, rows } = JSON.parse(message) as { cols?: unknown; rows?: unknown };
    return Number.isInteger(cols) && Number.isInteger(rows)
      ? { type: "pty-resize", id, cols: Number(cols), rows: Number(rows) }
      : undefined;
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
