import type { Server } from "node:net";
import type { ImageStore } from "../../images/image.ts";
import type { Log } from "../../log.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Size } from "../quotas.ts";
import type { DaytonaStateFile } from "../state-file.ts";

/** What a sandbox needs of the world around it. */
export interface SandboxContext {
  state: DaytonaStateFile;
  runtime: Runtime;
  images: ImageStore;
  log: Log;
  quota: Size;
  /** How long a minute of an interval lasts. */
  minuteMs: number;
  sandboxDir(id: string): string;
  serveEgress(listener: Server): void;
}
