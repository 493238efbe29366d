/** The vendor as a whole: its platform API and the toolboxes of its sandboxes. */
import { join } from "node:path";
import { listen, serveApi, urlHostOf } from "../listener.ts";
import type { World } from "../world.ts";
import { DaytonaCloud } from "./engine/cloud.ts";
import { DEFAULT_QUOTA, type Size } from "./quotas.ts";
import { createDaytonaApi } from "./routes/api.ts";
import { DaytonaStateFile } from "./state-file.ts";

const MINUTE_MS = 60_000;

export interface DaytonaOptions {
  port?: number | undefined;
  /** What it lets its organization have; absent: more than a computer has. */
  quota?: Size | undefined;
  /** How long a minute of its intervals lasts; absent: a minute. */
  minuteMs?: number | undefined;
}

export interface DaytonaVendor {
  /** The platform's API. */
  url: string;
  /** `{id}` is the sandbox. */
  toolboxUrl: string;
  ports: number[];
  close(): Promise<void>;
}

export async function startDaytona(world: World, options: DaytonaOptions): Promise<DaytonaVendor> {
  const { dir, host, token, rateLimited, log, runtime, images, serveEgress } = world;
  const state = new DaytonaStateFile(dir, (error) => log("state.write.failed", { reason: String(error) }));
  const cloud = new DaytonaCloud({
    runtime,
    images,
    log,
    serveEgress,
    state,
    quota: options.quota ?? DEFAULT_QUOTA,
    minuteMs: options.minuteMs ?? MINUTE_MS,
    sandboxDir: (id) => join(dir, "sandboxes", id),
  });
  // Sandboxes are told where their toolbox is, which is known once it listens.
  let port = 0;
  const origin = () => `http://${urlHostOf(host)}:${port}`;
  const toolboxUrl = () => `${origin()}/toolbox`;
  const api = createDaytonaApi({ cloud, toolboxUrl, token, rateLimited, log });
  const listener = await listen(serveApi(api), options.port ?? 0, host);
  ({ port } = listener);
  await cloud.recover();
  return {
    url: `${origin()}/api`,
    toolboxUrl: `${toolboxUrl()}/{id}`,
    ports: [port],
    async close() {
      await listener.close();
      await cloud.close();
      await state.saved();
    },
  };
}
