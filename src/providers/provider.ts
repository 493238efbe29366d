/**
 * What provisioning needs from a vendor, and nothing else. A provider knows its vendor and nothing of ours:
 * it is handed a `Target` and answers with an `Outcome`. Every step is idempotent: called twice, or again after a
 * lost answer, it ends with one machine, one volume and one place.
 */

export const PROVIDER_NAMES = ["fly", "hetzner", "daytona"] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** Which provider really ran a command, as shown on the wire. */
export type Substrate = "fly-machine" | "hetzner-server" | "daytona";

export interface MachineSpec {
  cpuKind: "shared" | "performance";
  cpus: number;
  memoryMb: number;
  volumeGb: number;
}

/** A file the machine must find at boot. */
export interface MachineFile {
  path: string;
  content: string;
  /** Written only when absent, so that what the user changed survives restarts. */
  firstBootOnly: boolean;
  /**
   * With `firstBootOnly`: written once more for each new edition, because what stands in it belongs to somebody else by
   * then, or to the instance it was copied from. Letters, digits and `_`.
   */
  edition?: string;
  /** Octal, e.g. "0600". */
  mode?: string;
}

/** Everything a machine runs, rendered for one instance: no templates left in it. May hold secrets in `env` and `files`. */
export interface MachineRecipe {
  /** Tells this rendering from any other, so that it can be seen which one a machine has. Letters, digits and `_`. */
  id?: string;
  /** `repository@sha256:…`, or `repository:tag` for a release that has no verified digest yet. */
  image: string;
  /**
   * Replaces the image's entrypoint; absent keeps it. A recipe with a user, a workdir or files must name it, where the image
   * has one: what prepares them runs in its place, and ends in the entrypoint and command that are named here.
   */
  entrypoint?: string[];
  /** Absent keeps the image's command. */
  command?: string[];
  workdir?: string;
  /** Numeric owner of the data path, and who the agent runs as. Absent: the image's own user, already root-capable. */
  user?: { uid: number; gid: number };
  /** Where the volume is mounted. */
  dataPath: string;
  /** The HTTP port of the agent; absent: the machine serves nothing. */
  port?: number;
  /** Answers below 500 once the agent serves. */
  healthPath?: string;
  env: Record<string, string>;
  files: MachineFile[];
}

/**
 * The vendor's resources behind an instance. `place` is where the machine is reached (a Fly app, the host name of a
 * tunnel's origin), the others are vendor ids. Persisted by the InstanceObject before anything waits on them.
 */
export interface Refs {
  place?: string;
  volume?: string;
  machine?: string;
  firewall?: string;
  tunnel?: string;
  /** The DNS record that leads to the tunnel. */
  record?: string;
}

/** What a step is about. Deterministic vendor names derive from `instanceId` alone. */
export interface Target {
  instanceId: string;
  accountId: string;
  region: string;
  spec: MachineSpec;
  /** `public` machines get addresses and a service; `private` ones are reached through the vendor's API only. */
  exposure: "public" | "private";
  refs: Refs;
  /** The vendor's volume that the first one is forked from, in the same region; absent makes an empty one. */
  sourceVolume?: string;
}

/**
 * What the vendor says about the machine, in our words. `unknown` is an alarm, never "running";
 * `vendorState` is the vendor's own word, for people.
 */
export type MachineState =
  | "absent"
  | "starting"
  | "started"
  | "stopping"
  | "stopped"
  | "suspending"
  | "suspended"
  | "failed"
  | "unknown";

export interface Observation {
  machine: MachineState;
  vendorState: string;
  /** The vendor's timestamp of the machine's last change of state, in epoch milliseconds, where it tells one. */
  since?: number;
  /** Why the machine is as it is, where the vendor tells (exit code, out of memory). */
  note?: string;
}

export const REJECTIONS = [
  "no_capacity",
  "invalid_spec",
  "quota",
  "unauthorized",
  "unsupported",
  /** A volume or machine we know of is gone at the vendor: fail closed. */
  "missing",
  /** The machine came up and ended by itself. */
  "exited",
  /** Something at the vendor bears our name without being ours: never adopted, never deleted. */
  "name_taken",
  /** The machine is there but not started, so nothing can run in it. */
  "not_running",
] as const;
export type RejectionCode = (typeof REJECTIONS)[number];

export type Outcome<T> =
  | { type: "ok"; value: T }
  /** On its way, as it should be: ask again. Not a failure. */
  | { type: "pending"; afterMs: number; note: string }
  /** Refused for now (rate limit, conflict, vendor outage before a write): try again. */
  | { type: "retry"; afterMs: number; cause: string }
  /** Refused for good. `hint` says what a person can do. */
  | { type: "rejected"; code: RejectionCode; message: string; hint?: string }
  /** It may have happened (timeout or 5xx after a write): look first, then try again. */
  | { type: "unknown"; cause: string };

export interface StepValue {
  refs?: Refs;
  observed?: Observation;
}

/**
 * The steps a provider can do, each idempotent, each looking before it acts.
 *
 * place / unplace      the app (and its private network)
 * address              public addresses; does nothing for a private machine
 * volume / unvolume    the volume, in the wanted region, by exact name; empty, or a fork of `sourceVolume`
 * machine / unmachine  the machine with its volume mounted; created only on a confirmed absence
 * configure            a machine that is there gets this recipe, and is down afterwards; ok for one that has it and for none
 * boot                 ok once the vendor says started; `rejected: exited` when the machine ended by itself
 * ready                ok once the agent answers HTTP on its port; does nothing for a machine without one
 * start                asks for it; fails closed (`missing`) when machine or volume are gone
 * stop / suspend       ok once the vendor confirms; `suspend` is `rejected: unsupported` where the vendor will not.
 *                      Both are ok for a machine found stopped already: `observed` tells which it is
 * gone                 ok once the vendor's own lists show nothing of this instance
 * observe              looks only
 */
export const STEPS = [
  "place",
  "address",
  "volume",
  "machine",
  "configure",
  "boot",
  "ready",
  "start",
  "stop",
  "suspend",
  "unmachine",
  "unvolume",
  "unplace",
  "gone",
  "observe",
] as const;
export type Step = (typeof STEPS)[number];

/** How long a step may wait at the vendor before it answers `pending`, in milliseconds. */
export interface StepOptions {
  holdMs: number;
  /** Present for `machine` and `configure`: decrypted just before the call, never stored. */
  recipe?: MachineRecipe;
  /** Present for `ready`: where the agent listens. */
  service?: { port?: number; healthPath?: string };
}

export interface ExecRequest {
  /** argv; no shell is implied. */
  command: string[];
  /** Passed to the command's standard input where the vendor can. */
  stdin?: string;
  /** At most 60; what takes longer is detached and polled by provisioning. */
  timeoutSeconds: number;
}

export interface ExecResult {
  exitCode: number;
  /** A number as the vendor tells it; 0 or absent when the command ended by itself. */
  signal?: number;
  stdout: string;
  stderr: string;
  /** The vendor could not tell the two outputs apart: all of it stands in `stdout`. */
  mixed?: true;
}

export interface LogLine {
  timestamp: string;
  level: string;
  message: string;
  /** The vendor's machine id. */
  instance: string;
  region: string;
}

export interface LogPage {
  lines: LogLine[];
  /** Pass it on to read what came after. */
  cursor?: string;
}

/** What the vendor holds for one instance. A volume or a place left behind without a machine is listed as `absent`. */
export interface OwnedMachine {
  instanceId: string;
  refs: Refs;
  observed: Observation;
}

/** A shell in a real terminal: bytes are typed and shown; `resize` and the exit travel as JSON text. */
export interface PtySocket {
  send(message: Uint8Array | string): void;
  close(): void;
  onMessage(take: (message: Uint8Array | string) => void): void;
  onClose(take: (reason: string) => void): void;
}

/** How much of something the vendor lets us have is taken. */
export interface VendorLimit {
  /** In words: `tunnels`. */
  name: string;
  used: number;
  limit: number;
}

export interface Provider {
  readonly name: ProviderName;
  readonly substrate: Substrate;
  run(step: Step, target: Target, options: StepOptions): Promise<Outcome<StepValue>>;
  exec(target: Target, request: ExecRequest): Promise<Outcome<ExecResult>>;
  /** Where a terminal can be had as such; elsewhere one is made of many calls of `exec`. */
  pty?(target: Target, size: { cols: number; rows: number }): Promise<Outcome<PtySocket>>;
  logs(target: Target, options: { cursor?: string }): Promise<Outcome<LogPage>>;
  /** Everything at the vendor that carries our tag, to find orphans. */
  list(): Promise<Outcome<OwnedMachine[]>>;
  /** Where the vendor tells: limits that are shared by all instances, to be seen before they are met. */
  limits?(): Promise<Outcome<VendorLimit[]>>;
}
