/** What the cloud remembers of Daytona. */
import type { DesiredState } from "./states.ts";

/** Decided by the snapshot; what is built from a Dockerfile is a container. */
export type SandboxClass = "linux-vm" | "container";

export interface SandboxRecord {
  id: string;
  name: string;
  /** One of `SandboxState`, unless a fault was ordered that shows another. */
  state: string;
  desiredState: DesiredState;
  errorReason?: string;
  sandboxClass: SandboxClass;
  /** What it was made from: exactly one of the two. */
  snapshot?: string;
  dockerfile?: string;
  user: string;
  env: Record<string, string>;
  labels: Record<string, string>;
  public: boolean;
  networkBlockAll: boolean;
  networkAllowList?: string;
  target: string;
  cpu: number;
  memory: number;
  disk: number;
  /** In minutes; 0 is never. */
  autoStopInterval: number;
  autoArchiveInterval: number;
  autoDeleteInterval: number;
  createdAt: string;
  updatedAt: string;
  lastActivityAt: string;
  /** Counts its boots: the disk of the first is empty. */
  boots: number;
}

export interface DaytonaState {
  sandboxes: Record<string, SandboxRecord>;
  /** Digests of the Dockerfiles that were built: the next sandbox of one needs no build. */
  builds: string[];
}
