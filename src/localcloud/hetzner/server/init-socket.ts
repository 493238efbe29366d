/** Where the stand-in `systemctl` asks: one line of JSON with its words, one line back. */
import { rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { Answer } from "./units.ts";

export async function listenForInit(
  path: string,
  answer: (argv: readonly string[]) => Promise<Answer>,
): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    createInterface({ input: socket }).once("line", (line) => {
      void answer(JSON.parse(line) as string[])
        .catch((error: unknown): Answer => ({ code: 1, output: `${String(error)}\n` }))
        .then((given) => socket.end(`${JSON.stringify(given)}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return server;
}
