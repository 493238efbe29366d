import type { ContainerRequest } from "./requests.ts";

export type ContainerStatus = "created" | "running" | "paused" | "exited";

/** As `BootFile`, fit for a file. */
export interface PendingFile {
  path: string;
  base64: string;
  mode?: number;
  owner?: { uid: number; gid: number };
  isFolder?: boolean;
}

export interface ContainerRecord {
  /** 64 hexadecimal digits. */
  id: string;
  name: string;
  createdAt: string;
  imageId: string;
  request: ContainerRequest;
  status: ContainerStatus;
  exitCode: number;
  error: string;
  oomKilled: boolean;
  startedAt: string;
  finishedAt: string;
  restarts: number;
  /** Written into it when it starts next. */
  pendingFiles: PendingFile[];
  /** Whether there is a root disk to keep. */
  hasRun: boolean;
}

export interface ImageRecord {
  id: string;
  /** Repository and digest, or repository and tag: what it is found by. */
  key: string;
  /** As it was asked for. */
  ref: string;
  pulledAt: string;
}

export interface EngineState {
  images: ImageRecord[];
  containers: ContainerRecord[];
}

/** What the engine shows for a time that has not come. */
export const NEVER = "0001-01-01T00:00:00Z";
