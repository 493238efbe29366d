/**
 * The way to the host program on a server that we run ourselves. A provider whose vendor can neither execute commands nor
 * see into a machine asks through it; provisioning hands it in.
 */
import type { ExecRequest, ExecResult, LogPage, Outcome, PtySocket } from "./provider.ts";

/** What the host program said last, and whether it is there to be asked. */
export interface HostReport {
  /** It has proved with its one-time secret that it runs on the server made for the instance. */
  enrolled: boolean;
  connected: boolean;
  agent: {
    state: "preparing" | "running" | "exited" | "stopped";
    /** Which rendering of the recipe it runs. */
    recipeId?: string;
    /** Epoch milliseconds. */
    since: number;
    exitCode?: number;
    /** What it is at, or why it failed, for people; never a secret. */
    note?: string;
  } | null;
  /** Of the last heartbeat, epoch milliseconds. */
  seenAt: number | null;
}

export interface HostLink {
  report(instanceId: string): Promise<HostReport>;
  /** Rejected `not_running` while its agent does not run; `retry` while one that ran is out of reach for a moment. */
  exec(instanceId: string, request: ExecRequest): Promise<Outcome<ExecResult>>;
  pty(instanceId: string, size: { cols: number; rows: number }): Promise<Outcome<PtySocket>>;
  logs(instanceId: string, options: { cursor?: string }): Promise<Outcome<LogPage>>;
  /** Asks for an orderly end of the agent before the server is shut down; ok also when no host is there to be asked. */
  quiesce(instanceId: string): Promise<Outcome<void>>;
  /** The server is gone: its enrolment, its connection and its logs are forgotten. */
  forget(instanceId: string): Promise<void>;
}
