/** The vendor as a whole: its API, and the servers behind it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listen, serveApi, urlHostOf } from "../listener.ts";
import type { World } from "../world.ts";
import { HetznerCloud } from "./cloud.ts";
import { API_PATH, createHetznerApi } from "./routes/api.ts";
import type { ServerContext } from "./server/local-server.ts";
import { HetznerState } from "./state.ts";

export interface HetznerOptions extends Pick<ServerContext, "env" | "programs"> {
  port?: number | undefined;
  hasExternalServers?: boolean | undefined;
}

export interface HetznerVendor {
  /** Of the API, with its path. */
  url: string;
  ports: number[];
  close(): Promise<void>;
}

/** Of its own, because a socket's path may have no more than 108 bytes. One that a crash left behind is taken away. */
async function newSocketDir(state: HetznerState): Promise<string> {
  if (state.socketDir !== undefined) await rm(state.socketDir, { recursive: true, force: true });
  const dir = await mkdtemp(join(tmpdir(), "gentity-"));
  state.socketDir = dir;
  await state.saved();
  return dir;
}

export async function startHetzner(world: World, options: HetznerOptions): Promise<HetznerVendor> {
  const { dir, token, host, rateLimited, log, runtime, images, scope, serveEgress } = world;
  const { port, env, programs, hasExternalServers } = options;
  const state = new HetznerState(dir, (error) => log("hetzner.write.failed", { reason: String(error) }));
  const socketDir = await newSocketDir(state);
  const context = { runtime, images, scope, serveEgress, env, programs, socketDir, log };
  const cloud = new HetznerCloud({ ...context, dir: join(dir, "hetzner"), state, hasExternalServers });
  const api = createHetznerApi({ cloud, token, rate: { refuses: rateLimited }, log });
  await cloud.recover();
  const listener = await listen(serveApi(api), port ?? 0, host);
  return {
    url: `http://${urlHostOf(host)}:${listener.port}${API_PATH}`,
    ports: [listener.port],
    async close() {
      await listener.close();
      await cloud.close();
      await rm(socketDir, { recursive: true, force: true });
    },
  };
}
