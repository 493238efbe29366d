import type { MachineOrders } from "../../faults/control.ts";
import type { FaultyVendor } from "../../faults/inject.ts";
import type { DaytonaCloud } from "../engine/cloud.ts";
import { errorBody, noRunners } from "../errors.ts";

function disguise(part: object, state: string): object {
  if ("items" in part && Array.isArray(part.items)) {
    return { ...part, items: part.items.map((item: object) => disguise(item, state)) };
  }
  return "sandboxClass" in part ? { ...part, state } : part;
}

export function faultyDaytona(cloud: DaytonaCloud): FaultyVendor {
  return {
    errorBody: (c, status) =>
      errorBody(
        c.req.path,
        status,
        status === 429 ? "ThrottlerException: Too Many Requests" : "injected fault",
      ),
    retryHeader: "retry-after-authenticated",
    noRoom: async () => noRunners(),
    disguise,
    vanish: (path) => cloud.vanish(path.match(/\/(?:sandbox|toolbox)\/([^/]+)/)?.[1] ?? ""),
  };
}

export function sandboxOrders(cloud: DaytonaCloud): MachineOrders {
  return {
    vanish: (id) => cloud.vanish(id),
    crash: (id) => cloud.get(id).crash(),
    setState: (id, state) => cloud.get(id).set(state),
  };
}
