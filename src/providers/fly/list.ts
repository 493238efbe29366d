import type { Outcome, OwnedMachine } from "../provider.ts";
import type { FlyApi } from "./api.ts";
import { instanceOfApp, volumeName } from "./names.ts";
import { METADATA } from "./spec.ts";
import { ABSENT, isVolumeGone, machineState, observe } from "./states.ts";

/**
 * Everything in the organization that is ours: machines by their tag, and what has no tags (apps and volumes) by the
 * names only we give. Also what a half-finished deletion left behind: an app or a volume without a machine costs too.
 */
export async function listOwned(api: FlyApi, prefix?: string): Promise<Outcome<OwnedMachine[]>> {
  const [machines, volumes, apps] = await Promise.all([api.orgMachines(), api.orgVolumes(), api.listApps()]);
  if (!machines.ok) return machines.failure.outcome;
  if (!volumes.ok) return volumes.failure.outcome;
  if (!apps.ok) return apps.failure.outcome;

  const owned: OwnedMachine[] = [];
  const byApp = new Map<string, OwnedMachine>();
  const add = (app: string, entry: OwnedMachine): OwnedMachine => {
    owned.push(entry);
    byApp.set(app, entry);
    return entry;
  };
  for (const machine of machines.value) {
    const metadata = machine.config?.metadata;
    const instanceId = metadata?.[METADATA.instance];
    if (metadata?.[METADATA.managed] !== "true" || instanceId === undefined) continue;
    // Another deployment in this organization tags the same way, in apps of another prefix.
    if (instanceOfApp(machine.app_name, prefix) !== instanceId) continue;
    if (machineState(machine.state) === "absent") continue;
    const refs = { place: machine.app_name, machine: machine.id };
    add(machine.app_name, { instanceId, refs, observed: observe(machine) });
  }
  for (const volume of volumes.value) {
    const instanceId = instanceOfApp(volume.app_name, prefix);
    if (instanceId === undefined || volume.name !== volumeName(instanceId) || isVolumeGone(volume.state))
      continue;
    const entry =
      byApp.get(volume.app_name) ??
      add(volume.app_name, { instanceId, refs: { place: volume.app_name }, observed: ABSENT });
    entry.refs.volume ??= volume.id;
  }
  for (const { name } of apps.value.apps) {
    const instanceId = instanceOfApp(name, prefix);
    if (instanceId !== undefined && !byApp.has(name)) {
      add(name, { instanceId, refs: { place: name }, observed: ABSENT });
    }
  }
  return { type: "ok", value: owned };
}
