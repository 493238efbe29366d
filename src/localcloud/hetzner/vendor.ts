/** The vendor as a whole: its API, and the servers behind it. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { HetznerCloud } from "./cloud.ts";
import { API_PATH, createHetznerApi } from "./routes/api.ts";
import type { RateLimit } from "./routes/rate-limit.ts";
import type { ServerContext } from "./server/local-server.ts";
import { HetznerState } from "./state.ts";

export interface HetznerOptions extends Omit<ServerContext, "socketDir"> {
  stateDir: string;
  token: string;
  host: string;
  /** 0: any free one. */
  port: number;
  rate: RateLimit;
}

export interface HetznerVendor {
  /** Of the API, with its path. */
  url: string;
  port: number;
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

export async function startHetzner(options: HetznerOptions): Promise<HetznerVendor> {
  const { stateDir, token, host, port, rate, log, ...context } = options;
  const state = new HetznerState(stateDir, (error) => log("hetzner.write.failed", { reason: String(error) }));
  const socketDir = await newSocketDir(state);
  const dir = join(stateDir, "hetzner");
  const cloud = new HetznerCloud({ ...context, dir, state, socketDir, log });
  const api = createHetznerApi({ cloud, token, rate, log });
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  const server = createServer({ requestTimeout: 0 }, listener);
  await cloud.recover();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const real = typeof address === "object" && address ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${real}${API_PATH}`,
    port: real,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await cloud.close();
      await rm(socketDir, { recursive: true, force: true });
    },
  };
}
