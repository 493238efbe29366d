import type { Server, Socket } from "node:net";
import type { FromGuest } from "./protocol.ts";

/** Tells the program outside. When it is gone there is nobody to tell, and `disconnect` ends this process anyway. */
export function send(message: FromGuest, handle?: Socket | Server, sent: () => void = () => {}): void {
  if (!process.connected) return;
  process.send?.(message, handle, { keepOpen: false }, sent);
}
