import type { Server } from "node:net";
import type { Log } from "../log.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ImageList } from "./image-list.ts";
import type { PublishedPorts } from "./published-ports.ts";

/** What a container needs of the engine around it. */
export interface ContainerContext {
  runtime: Runtime;
  images: ImageList;
  ports: PublishedPorts;
  log: Log;
  /** The container's own folder on this computer. */
  folderOf(id: string): string;
  /** Where a folder of the server lies on this computer; made if it is not there. */
  hostPath(path: string): Promise<string>;
  serveEgress(listener: Server): void;
  changed(): void;
}
