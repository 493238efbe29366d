import type { Outcome, OwnedMachine } from "../provider.ts";
import type { DaytonaApi } from "./api.ts";
import { isNameable, LABELS, sandboxName } from "./names.ts";
import { machineState, observe } from "./states.ts";

/** Every sandbox in the organization that is ours. Disk and network are parts of it, so nothing is left beside one. */
export async function listOwned(api: DaytonaApi, prefix?: string): Promise<Outcome<OwnedMachine[]>> {
  const sandboxes = await api.list();
  if (!sandboxes.ok) return sandboxes.failure.outcome;
  const owned: OwnedMachine[] = [];
  for (const sandbox of sandboxes.value) {
    const instanceId = sandbox.labels[LABELS.instance];
    if (instanceId === undefined || !isNameable(instanceId, prefix)) continue;
    // Another deployment in this organization labels the same way, under names of another prefix.
    if (sandbox.name !== sandboxName(instanceId, prefix)) continue;
    if (machineState(sandbox.state) === "absent") continue;
    owned.push({ instanceId, refs: { machine: sandbox.id }, observed: observe(sandbox) });
  }
  return { type: "ok", value: owned };
}
