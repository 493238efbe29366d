/**
 * What the machine's first process and the program outside tell each other, over Node's own IPC channel. Sockets cross it as
 * file descriptors: a connection into the machine is opened inside its network namespace and handed out whole, so no byte of
 * it is relayed twice.
 */

/** What a machine must find on its disk. */
export interface BootFile {
  path: string;
  content: Uint8Array;
  mode?: number;
  /** Absent: root. */
  owner?: User;
  /** A folder, which has no content. */
  isFolder?: boolean;
}

export interface User {
  uid: number;
  gid: number;
}

export interface BootMessage {
  type: "boot";
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  /** The home of root, which commands beside the main one run as. */
  rootHome: string;
  /** Absent: whoever the first process is. */
  user?: User;
  files: BootFile[];
  symlinks: { path: string; target: string }[];
  /** Loopback port inside on which outgoing HTTP is offered; absent where the machine shares the host's network. */
  egressPort?: number;
  /** In front of every absolute path the machine was promised, where it has no root of its own. */
  pathPrefix: string;
}

export interface CommandSpec {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  /** Absent: whoever the first process is. */
  user?: User;
}

export type ToGuest =
  | BootMessage
  | ({ type: "exec"; id: number; stdin?: string; timeoutMs: number; outputLimit: number } & CommandSpec)
  | ({ type: "command"; id: number } & CommandSpec)
  | { type: "command-input"; id: number; data: Uint8Array }
  | { type: "command-input-end"; id: number }
  | ({ type: "pty"; id: number; cols: number; rows: number } & CommandSpec)
  | { type: "pty-input"; id: number; data: string }
  | { type: "pty-resize"; id: number; cols: number; rows: number }
  | { type: "pty-close"; id: number }
  | { type: "connect"; id: number; port: number }
  | { type: "signal"; id: number; signal: NodeJS.Signals }
  | { type: "stop"; signal: NodeJS.Signals; graceMs: number };

export type OutputStream = "stdout" | "stderr";

/** How a process ended. Exactly one of the two is set, unless it never began. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why it could not even begin. */
  error?: string;
}

export type FromGuest =
  | { type: "ready" }
  | { type: "egress" }
  | { type: "started"; pid: number }
  | { type: "output"; stream: OutputStream; data: Uint8Array }
  | { type: "exited"; ending: Ending; stopRequested: boolean }
  | { type: "boot-failed"; error: string }
  | { type: "exec-output"; id: number; stream: OutputStream; data: Uint8Array }
  | { type: "exec-exit"; id: number; ending: Ending; timedOut: boolean }
  | { type: "command-output"; id: number; stream: OutputStream; data: Uint8Array }
  | { type: "command-exit"; id: number; ending: Ending }
  | { type: "pty-output"; id: number; data: string }
  | { type: "pty-exit"; id: number; ending: Ending }
  | { type: "connected"; id: number }
  | { type: "connect-failed"; id: number; code: string }
  | { type: "signalled"; id: number; delivered: boolean };
