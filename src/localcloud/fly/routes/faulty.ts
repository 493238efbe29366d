import type { MachineOrders } from "../../faults/control.ts";
import type { FaultyVendor } from "../../faults/inject.ts";
import type { FlyCloud } from "../engine/cloud.ts";
import {
  couldNotReserve,
  type FlyError,
  machineNotFound,
  noCandidateHost,
  rateLimited,
  volumeHostFull,
} from "../errors.ts";
import type { ApiContext } from "./http.ts";

/** The three documented forms: no host in the region, the volume's host is full, the machine's host is full. */
async function noRoom(c: ApiContext, status: number | undefined): Promise<FlyError> {
  const isCreate = /\/(machines|volumes)$/.test(c.req.path);
  const text = await c.req.text();
  const volume = text.match(/"volume"\s*:\s*"(vol_\w+)"/)?.[1];
  const form = status ?? (isCreate ? (volume ? 412 : 422) : 409);
  if (form === 412) return volumeHostFull(volume ?? "vol_unknown");
  return form === 409 ? couldNotReserve() : noCandidateHost();
}

export function faultyFly(cloud: FlyCloud): FaultyVendor {
  return {
    errorBody: (_, status) =>
      status === 429 ? rateLimited().body : { error: "unknown: injected fault", status: "unknown" },
    retryHeader: "retry-after",
    noRoom,
    disguise: (part, state) => ("instance_id" in part ? { ...part, state } : part),
    vanish: (path) => cloud.vanish(path.match(/\/machines\/(\w+)/)?.[1] ?? ""),
  };
}

export function machineOrders(cloud: FlyCloud): MachineOrders {
  const find = (id: string) => {
    const actor = cloud.findMachine(id);
    if (!actor) throw machineNotFound();
    return actor;
  };
  return {
    vanish: async (id) => cloud.vanish(find(id).record.id),
    crash: (id) => find(id).crash(),
    setState: (id, state) => find(id).journal.set(state),
  };
}
