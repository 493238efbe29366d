/** Fly's seventeen machine states in our words. A state we do not know is `unknown`: an alarm, never "running". */
import type { MachineState, Observation } from "../provider.ts";
import type { FlyEvent, FlyExit, FlyMachine } from "./schema.ts";

const STATES: ReadonlyMap<string, MachineState> = new Map([
  ["created", "starting"],
  ["creating", "starting"],
  ["starting", "starting"],
  ["started", "started"],
  ["restarting", "starting"],
  ["updating", "starting"],
  ["replacing", "starting"],
  ["stopping", "stopping"],
  ["stopped", "stopped"],
  ["suspending", "suspending"],
  ["suspended", "suspended"],
  ["failed", "failed"],
  ["launch_failed", "failed"],
  // On its way out, and until then still there.
  ["destroying", "stopping"],
  ["destroyed", "absent"],
  // Of old versions or of machines that moved. Taking them for absent could put a second machine beside a living one.
  ["replaced", "unknown"],
  ["migrated", "unknown"],
]);

/** States that a machine cannot be trusted to be in while its host does not answer. */
const NEEDS_HOST: ReadonlySet<MachineState> = new Set(["starting", "started", "stopping", "suspending"]);

/** Volumes in these states are on their way out, as the vendor's own client counts them. */
const GONE_VOLUME_STATES: ReadonlySet<string> = new Set([
  "scheduling_destroy",
  "fork_cleanup",
  "waiting_for_detach",
  "pending_destroy",
  "destroying",
  "destroyed",
]);

export function isVolumeGone(state: string): boolean {
  return GONE_VOLUME_STATES.has(state);
}

export function machineState(vendorState: string, hostStatus?: string): MachineState {
  const state = STATES.get(vendorState) ?? "unknown";
  return hostStatus === "unreachable" && NEEDS_HOST.has(state) ? "unknown" : state;
}

export function observe(machine: FlyMachine): Observation {
  const state = machineState(machine.state, machine.host_status);
  const observation: Observation = { machine: state, vendorState: machine.state };
  const since = changedAt(machine);
  if (since !== undefined) observation.since = since;
  const note = explain(machine, state);
  if (note !== undefined) observation.note = note;
  return observation;
}

export const ABSENT: Observation = { machine: "absent", vendorState: "absent" };

/** How the machine ended when nobody asked it to, or undefined. A machine that the vendor restarts has not ended. */
export function ownExit(machine: FlyMachine): FlyExit | undefined {
  const exit = lastExit(machine);
  if (exit === undefined || exit.requested_stop === true || exit.restarting === true) return undefined;
  return exit;
}

/** The exit that led to where the machine is now: none if anything else happened after it. */
function lastExit(machine: FlyMachine): FlyExit | undefined {
  const latest = newestFirst(machine)[0];
  return latest?.type === "exit" ? (latest.request?.exit_event ?? undefined) : undefined;
}

export function exitCodeOf(exit: FlyExit): number | undefined {
  return exit.exit_code ?? exit.guest_exit_code;
}

function changedAt(machine: FlyMachine): number | undefined {
  const exit = machine.state === "stopped" ? lastExit(machine)?.exited_at : undefined;
  const event = newestFirst(machine).find((candidate) => candidate.status === machine.state);
  for (const candidate of [parseTime(exit), event?.timestamp, parseTime(machine.updated_at)]) {
    if (candidate !== undefined && candidate > 0) return candidate;
  }
  return undefined;
}

function newestFirst(machine: FlyMachine): FlyEvent[] {
  // The vendor lists the newest first, but says so nowhere; ties keep its order.
  return [...(machine.events ?? [])].sort((a, b) => (b.timestamp ?? 0) - (a.timestamp ?? 0));
}

function parseTime(text: string | number | undefined): number | undefined {
  if (typeof text === "number") return text;
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function explain(machine: FlyMachine, state: MachineState): string | undefined {
  if (machine.host_status === "unreachable") return "Fly cannot reach the host of this machine.";
  if (state === "unknown") return `Fly reports the state "${machine.state}", which means nothing to us.`;
  const exit = state === "stopped" || state === "failed" ? lastExit(machine) : undefined;
  if (exit === undefined) return undefined;
  if (exit.oom_killed === true) return "It ran out of memory.";
  const code = exitCodeOf(exit);
  if (exit.requested_stop === true || code === undefined) return undefined;
  return `It ended by itself with exit code ${code}.`;
}
