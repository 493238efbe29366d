/** Daytona's twenty-two states in our words. A state we do not know is `unknown`: an alarm, never "running". */
import type { MachineState, Observation } from "../provider.ts";
import type { DaytonaSandbox } from "./schema.ts";

const STATES: ReadonlyMap<string, MachineState> = new Map([
  ["pending_build", "starting"],
  ["building_snapshot", "starting"],
  ["pulling_snapshot", "starting"],
  ["creating", "starting"],
  ["restoring", "starting"],
  ["starting", "starting"],
  ["resuming", "starting"],
  // None of these is asked for by us; each ends where it began, and nothing can be run meanwhile.
  ["resizing", "starting"],
  ["snapshotting", "starting"],
  ["forking", "starting"],
  ["started", "started"],
  ["stopping", "stopping"],
  // On its way out, and until then still there.
  ["destroying", "stopping"],
  ["stopped", "stopped"],
  // Its disk lies in an object store: the same, but slower to start.
  ["archiving", "stopped"],
  ["archived", "stopped"],
  ["pausing", "suspending"],
  ["paused", "suspended"],
  ["error", "failed"],
  ["build_failed", "failed"],
  ["destroyed", "absent"],
  // The vendor's own word for it.
  ["unknown", "unknown"],
]);

const REASON_LIMIT = 300;

export function machineState(vendorState: string): MachineState {
  return STATES.get(vendorState) ?? "unknown";
}

/** `note` adds what was found out inside of it. */
export function observe(sandbox: DaytonaSandbox, note?: string): Observation {
  const machine = machineState(sandbox.state);
  const observation: Observation = { machine, vendorState: sandbox.state };
  const since = Date.parse(sandbox.updatedAt ?? "");
  if (!Number.isNaN(since)) observation.since = since;
  const explained = explain(sandbox, machine) ?? note;
  if (explained !== undefined) observation.note = explained;
  return observation;
}

export const ABSENT: Observation = { machine: "absent", vendorState: "absent" };

/** What the vendor says of a sandbox that is in error. */
export function reasonOf({ state, errorReason }: DaytonaSandbox): string {
  const reason = errorReason?.trim() ?? "";
  return reason === "" ? `Daytona says "${state}", and not why` : reason.slice(0, REASON_LIMIT);
}

function explain(sandbox: DaytonaSandbox, machine: MachineState): string | undefined {
  if (machine === "unknown")
    return `Daytona reports the state "${sandbox.state}", which means nothing to us.`;
  return machine === "failed" ? reasonOf(sandbox) : undefined;
}
