import type { Outcome, OwnedMachine } from "../provider.ts";
import type { FlyApi } from "./api.ts";
import { instanceOfApp, instanceOfBodyVolume, isBodyApp, type Prefixes, volumeName } from "./names.ts";
import { METADATA } from "./spec.ts";
import { ABSENT, isVolumeGone, machineState, observe } from "./states.ts";

/**
 * Everything in the organization that is ours: machines by their tag, and what has no tags (apps and volumes) by the
 * names only we give. Also what a half-finished deletion left behind: an app or a volume without a machine costs too. The
 * app that an account's bodies share stays when they are gone: empty it costs nothing, and so it is no holding.
 */
export async function listOwned(api: FlyApi, prefixes: Prefixes = {}): Promise<Outcome<OwnedMachine[]>> {
  const { prefix, bodyPrefix } = prefixes;
  const [machines, volumes, apps] = await Promise.all([api.orgMachines(), api.orgVolumes(), api.listApps()]);
  if (!machines.ok) return machines.failure.outcome;
  if (!volumes.ok) return volumes.failure.outcome;
  if (!apps.ok) return apps.failure.outcome;

  const owned: OwnedMachine[] = [];
  const first = new Map<string, OwnedMachine>();
  const add = (entry: OwnedMachine): OwnedMachine => {
    owned.push(entry);
    first.set(`${entry.refs.place} ${entry.instanceId}`, entry);
    return entry;
  };
  for (const machine of machines.value) {
    const metadata = machine.config?.metadata;
    const instanceId = metadata?.[METADATA.instance];
    if (metadata?.[METADATA.managed] !== "true" || instanceId === undefined) continue;
    const { app_name: place } = machine;
    // Another deployment in this organization tags the same way, in apps of another prefix.
    if (!isBodyApp(place, bodyPrefix) && instanceOfApp(place, prefix) !== instanceId) continue;
    if (machineState(machine.state) === "absent") continue;
    add({ instanceId, refs: { place, machine: machine.id }, observed: observe(machine) });
  }
  for (const { id, name, state, app_name: place } of volumes.value) {
    const instanceId = ownerOfVolume({ place, name }, prefixes);
    if (instanceId === undefined || isVolumeGone(state)) continue;
    const entry =
      first.get(`${place} ${instanceId}`) ?? add({ instanceId, refs: { place }, observed: ABSENT });
    entry.refs.volume ??= id;
  }
  for (const { name } of apps.value.apps) {
    const instanceId = instanceOfApp(name, prefix);
    if (instanceId !== undefined && !first.has(`${name} ${instanceId}`)) {
      add({ instanceId, refs: { place: name }, observed: ABSENT });
    }
  }
  return { type: "ok", value: owned };
}

function ownerOfVolume(
  { place, name }: { place: string; name: string },
  { prefix, bodyPrefix }: Prefixes,
): string | undefined {
  if (isBodyApp(place, bodyPrefix)) return instanceOfBodyVolume(name);
  const instanceId = instanceOfApp(place, prefix);
  return instanceId !== undefined && name === volumeName(instanceId) ? instanceId : undefined;
}
