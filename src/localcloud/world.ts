import type { Server } from "node:net";
import type { ImageStore } from "./images/image.ts";
import type { Log } from "./log.ts";
import type { Runtime } from "./runtime/runtime.ts";

/** What every vendor of the local cloud stands on. */
export interface VendorWorld {
  /** Everything that must survive a restart. */
  dir: string;
  /** Address to listen on. */
  host: string;
  /** What a caller must present. */
  token: string;
  /** Answer as the vendor does when asked too often. */
  rateLimited: boolean;
  log: Log;
}

/** And what those stand on that have machines. */
export interface World extends VendorWorld {
  runtime: Runtime;
  images: ImageStore;
  /** Of this cloud alone, to tell its control groups and processes from another's. */
  scope: string;
  /** A machine's way out of its network. */
  serveEgress(listener: Server): void;
}
