/** Daytona, as the local cloud plays it. */
import { join } from "node:path";
import { DaytonaCloud } from "./engine/cloud.ts";
import type { SandboxContext } from "./engine/context.ts";
import { DEFAULT_QUOTA, type Size } from "./quotas.ts";
import { createDaytonaApi } from "./routes/api.ts";
import { DaytonaStateFile } from "./state-file.ts";

const MINUTE_MS = 60_000;

export interface DaytonaOptions extends Pick<SandboxContext, "runtime" | "images" | "log" | "serveEgress"> {
  /** The local cloud's own folder. */
  dir: string;
  token: string;
  rateLimited: boolean;
  quota: Size | undefined;
  minuteMs: number | undefined;
  /** Where it will listen; asked when somebody does. */
  url(): string;
}

export function createDaytona(options: DaytonaOptions) {
  const { runtime, images, log, serveEgress, dir, token, rateLimited } = options;
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
  const toolboxUrl = () => `${options.url()}/toolbox`;
  return {
    cloud,
    api: createDaytonaApi({ cloud, toolboxUrl, token, rateLimited, log }),
    platformUrl: () => `${options.url()}/api`,
    toolboxUrl,
    async close(): Promise<void> {
      await cloud.close();
      await state.saved();
    },
  };
}
