import type { Server } from "node:net";
import type { ImageStore } from "../../images/image.ts";
import type { Log } from "../../log.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { LogStore } from "../log-store.ts";
import type { StateFile } from "../state-file.ts";

/** What a machine needs of the world around it. */
export interface EngineContext {
  state: StateFile;
  runtime: Runtime;
  images: ImageStore;
  logs: LogStore;
  log: Log;
  machineDir(id: string): string;
  volumeDir(id: string): string;
  serveEgress(listener: Server): void;
  /** A machine is gone: its volumes are free. */
  releaseVolumes(machine: string): void;
}
