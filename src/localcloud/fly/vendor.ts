/** The vendor as a whole: its API, and the edge in front of its machines. */
import { join } from "node:path";
import { listen, serveApi, urlHostOf } from "../listener.ts";
import type { World } from "../world.ts";
import { FlyCloud } from "./engine/cloud.ts";
import { LogStore } from "./log-store.ts";
import { createProxy } from "./proxy/proxy.ts";
import { createApi } from "./routes/api.ts";
import { StateFile } from "./state-file.ts";

export interface FlyVendor {
  url: string;
  /** The edge in front of machines. */
  proxyUrl: string;
  ports: number[];
  close(): Promise<void>;
}

export async function startFly(world: World, ports: { api?: number; proxy?: number }): Promise<FlyVendor> {
  const { dir, host, token, rateLimited, log, runtime, images, serveEgress } = world;
  const state = new StateFile(dir, (error) => log("state.write.failed", { reason: String(error) }));
  const logs = new LogStore(join(dir, "logs"));
  await logs.load(state.apps.keys());
  const cloud = new FlyCloud({
    runtime,
    images,
    log,
    serveEgress,
    state,
    logs,
    machineDir: (id) => join(dir, "machines", id),
    volumeDir: (id) => join(dir, "volumes", id),
  });
  const api = createApi({ cloud, owner: "local@tokens.fly.io", token, rateLimited, log });
  const listeners = [
    await listen(serveApi(api), ports.api ?? 0, host),
    await listen(createProxy(cloud), ports.proxy ?? 0, host),
  ] as const;
  await cloud.recover();
  const [apiPort, proxyPort] = listeners.map(({ port }) => port);
  return {
    url: `http://${urlHostOf(host)}:${apiPort}`,
    proxyUrl: `http://${urlHostOf(host)}:${proxyPort}`,
    ports: listeners.map(({ port }) => port),
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()));
      await cloud.close();
      await state.saved();
      await logs.close();
    },
  };
}
