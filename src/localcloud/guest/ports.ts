import { createServer, Socket } from "node:net";
import { send } from "./channel.ts";

/** Opens a connection to one of the machine's own ports and hands the open socket out. */
export function connectInside(id: number, port: number): void {
  const socket = new Socket();
  // Nothing may be read here: what arrives before the hand-over would be lost.
  socket.pause();
  const refuse = (error: NodeJS.ErrnoException): void => {
    socket.destroy();
    send({ type: "connect-failed", id, code: error.code ?? "EUNKNOWN" });
  };
  socket.once("error", refuse);
  socket.connect({ port, host: "127.0.0.1" }, () => {
    socket.off("error", refuse);
    socket.on("error", () => {});
    send({ type: "connected", id }, socket);
  });
}

/** Listens on the machine's loopback and gives the listener away: who calls it is answered outside, where the network is. */
export async function offerEgress(port: number): Promise<void> {
  const listener = createServer();
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ port, host: "127.0.0.1" }, resolve);
  });
  await new Promise<void>((resolve) => {
    send({ type: "egress" }, listener, () => listener.close(() => resolve()));
  });
}
