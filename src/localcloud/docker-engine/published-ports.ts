/** Ports of containers on this computer's loopback. */
import { rename, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { Log } from "../log.ts";
import { Refusal } from "./refusal.ts";
import { type ContainerRequest, portNumber } from "./requests.ts";

type Dial = (port: number) => Promise<Socket>;

export interface Published {
  /** `3000/tcp`. */
  key: string;
  hostIp: string;
  /** As the server has it: the one that was asked for, or else the real one. */
  hostPort: number;
  realPort: number;
}

interface Listener extends Published {
  owner: string;
  server: Server;
  sockets: Set<Socket>;
}

/**
 * Servers share this computer's loopback, so a port that was asked for by its number is really another one. The port map, a
 * file, says which: whatever runs on the server and dials `localhost:3000` looks there first.
 */
export class PublishedPorts {
  private readonly mapFile: string;
  private readonly log: Log;
  private readonly listeners: Listener[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(mapFile: string, log: Log) {
    this.mapFile = mapFile;
    this.log = log;
  }

  of(owner: string): Published[] {
    return this.listeners.filter((listener) => listener.owner === owner);
  }

  async publish(owner: string, { HostConfig }: ContainerRequest, dial: Dial): Promise<void> {
    for (const [key, bindings] of Object.entries(HostConfig?.PortBindings ?? {})) {
      for (const { HostIp, HostPort } of bindings ?? [{}]) {
        const wanted = Number(HostPort || 0);
        if (wanted > 0 && this.listeners.some(({ hostPort }) => hostPort === wanted)) {
          await this.release(owner);
          throw new Refusal(
            500,
            `driver failed programming external connectivity: Bind for ${HostIp || "0.0.0.0"}:${wanted} failed: port is already allocated`,
          );
        }
        this.listeners.push(await listen({ owner, key, hostIp: HostIp || "0.0.0.0", wanted }, dial));
      }
    }
    await this.writeMap();
  }

  async release(owner: string): Promise<void> {
    const own = this.listeners.filter((listener) => listener.owner === owner);
    for (const listener of own) {
      this.listeners.splice(this.listeners.indexOf(listener), 1);
      for (const socket of listener.sockets) socket.destroy();
      listener.server.close();
    }
    if (own.length > 0) await this.writeMap();
  }

  /** One write after the other, each whole. */
  writeMap(): Promise<void> {
    const write = async () => {
      const map = Object.fromEntries(this.listeners.map(({ hostPort, realPort }) => [hostPort, realPort]));
      await writeFile(`${this.mapFile}.draft`, JSON.stringify(map));
      await rename(`${this.mapFile}.draft`, this.mapFile);
    };
    this.writing = this.writing.then(write).catch((error: unknown) => {
      this.log("port-map.write.failed", { reason: String(error) });
    });
    return this.writing;
  }
}

async function listen(
  { owner, key, hostIp, wanted }: Pick<Listener, "owner" | "key" | "hostIp"> & { wanted: number },
  dial: Dial,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Whoever called finds the connection broken, as when nothing listens behind a published port.
    socket.on("error", () => socket.destroy());
    dial(portNumber(key)).then(
      (inner) => join(socket, inner),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const realPort = typeof address === "object" && address ? address.port : 0;
  return { owner, key, hostIp, hostPort: wanted || realPort, realPort, server, sockets };
}

function join(outer: Socket, inner: Socket): void {
  inner.on("error", () => outer.destroy());
  outer.once("close", () => inner.destroy());
  // What came last is still on its way out.
  inner.once("close", () => outer.destroySoon());
  inner.pipe(outer);
  outer.pipe(inner);
}
