/** Hetzner's server states and the host program's word, in ours. A state we do not know is an alarm, never "running". */
import type { HostReport } from "../host-link.ts";
import type { MachineState, Observation } from "../provider.ts";
import type { HetznerAction, HetznerServer } from "./schema.ts";

const STATES: ReadonlyMap<string, MachineState> = new Map([
  ["initializing", "starting"],
  ["starting", "starting"],
  ["rebuilding", "starting"],
  ["running", "started"],
  ["stopping", "stopping"],
  // On its way out, and until then still there.
  ["deleting", "stopping"],
  // Between two hosts of the vendor: it comes back as it was.
  ["migrating", "starting"],
  ["off", "stopped"],
]);

/** What switches a server on, by the vendor's names of its actions. */
const SWITCHES_ON = new Set(["create_server", "start_server", "reboot_server", "reset_server"]);
const SWITCHES_OFF = new Set(["shutdown_server", "stop_server"]);

/** A host that lost its connection comes back within seconds; after this long something is wrong with it. */
const SILENCE_MS = 5 * 60_000;

export const ABSENT: Observation = { machine: "absent", vendorState: "absent" };

/** The server alone: what the vendor bills by. */
export function serverState(status: string): MachineState {
  return STATES.get(status) ?? "unknown";
}

/** When the server was last switched on, or undefined where the vendor's list does not reach back that far. */
export function switchedOnAt(actions: readonly HetznerAction[]): number | undefined {
  const last = newestFirst(actions).find(({ command }) => SWITCHES_ON.has(command));
  return parseTime(last?.started);
}

/** When the last thing that switched it off was over. */
export function switchedOffAt(actions: readonly HetznerAction[]): number | undefined {
  const last = newestFirst(actions).find(
    ({ command }) => SWITCHES_ON.has(command) || SWITCHES_OFF.has(command),
  );
  return last !== undefined && SWITCHES_OFF.has(last.command)
    ? (parseTime(last.finished) ?? parseTime(last.started))
    : undefined;
}

/** When the operating system was last asked to end, if nothing has switched the server on or off since. */
export function askedToEndAt(actions: readonly HetznerAction[]): number | undefined {
  const last = newestFirst(actions).find(
    ({ command }) => SWITCHES_ON.has(command) || SWITCHES_OFF.has(command),
  );
  return last?.command === "shutdown_server" && last.status !== "error" ? parseTime(last.started) : undefined;
}

export interface Heard {
  report: HostReport;
  /** Undefined when it does not matter or is not known. */
  switchedOnAt?: number | undefined;
  now: number;
}

/** The server together with what runs on it. */
export function observeServer(server: HetznerServer, heard: Heard | undefined): Observation {
  const state = serverState(server.status);
  const observation: Observation = { machine: state, vendorState: server.status };
  if (state === "unknown") {
    observation.note = `Hetzner reports the state "${server.status}", which means nothing to us.`;
  }
  return state === "started" && heard !== undefined ? observeAgent(server, heard) : observation;
}

function observeAgent(server: HetznerServer, { report, switchedOnAt: bootAt, now }: Heard): Observation {
  const vendorState = server.status;
  const seenAt = report.seenAt ?? 0;
  const isHeard = report.enrolled && report.seenAt !== null && seenAt >= (bootAt ?? 0);
  if (!isHeard || report.agent === null) {
    const note = report.enrolled
      ? "The server runs; its host program has not been heard of since it was switched on."
      : "The server runs; its host program has not enrolled yet.";
    return { machine: "starting", vendorState, note };
  }
  if (!report.connected && now - seenAt > SILENCE_MS) {
    const minutes = Math.floor((now - seenAt) / 60_000);
    const note = `The server runs, and its host program has been silent for ${minutes} minutes.`;
    return { machine: "unknown", vendorState: `${vendorState}, host silent`, note };
  }
  const { state, since, exitCode, note } = report.agent;
  const told: Observation = { machine: AGENT_STATES[state], vendorState, since };
  if (note !== undefined) told.note = note;
  if (state === "exited") {
    const code = exitCode === undefined ? "" : ` with exit code ${exitCode}`;
    told.note = `The agent ended by itself${code}.${note === undefined ? "" : ` ${note}`}`;
  }
  return told;
}

const AGENT_STATES = {
  preparing: "starting",
  running: "started",
  exited: "failed",
  // Put away for the server to be shut down.
  stopped: "stopping",
} as const satisfies Record<NonNullable<HostReport["agent"]>["state"], MachineState>;

function newestFirst(actions: readonly HetznerAction[]): HetznerAction[] {
  return [...actions].sort((a, b) => b.id - a.id);
}

function parseTime(text: string | null | undefined): number | undefined {
  const time = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
