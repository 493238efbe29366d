import type { MachineOrders } from "../../faults/control.ts";
import type { FaultyVendor } from "../../faults/inject.ts";
import type { HetznerCloud } from "../cloud.ts";
import { HetznerError, limitExceeded, notFound, unavailable } from "../errors.ts";

const QUOTA = 403;

/** The two forms: nothing to be had now, and with 403, as much as the project may have. */
function noRoom(path: string, status: number | undefined): HetznerError {
  return status === QUOTA
    ? limitExceeded(path.includes("/volumes") ? "volume_limit" : "server_limit")
    : unavailable();
}

/** What the vendor calls a failure of this status. */
const CODES: Record<number, string> = {
  403: "forbidden",
  409: "conflict",
  423: "locked",
  429: "rate_limit_exceeded",
  502: "bad_gateway",
  503: "unavailable",
  504: "timeout",
};

export function faultyHetzner(cloud: HetznerCloud): FaultyVendor {
  return {
    errorBody: (_, status) =>
      new HetznerError(status, CODES[status] ?? "server_error", "injected fault").body,
    retryHeader: "retry-after",
    noRoom: async (c, status) => noRoom(c.req.path, status),
    disguise,
    vanish: (path) => cloud.vanish(Number(path.match(/\/servers\/(\d+)/)?.[1] ?? -1)),
  };
}

/** Servers lie in `server`, or in `servers`. */
function disguise(part: object, state: string): object {
  const mask = (value: unknown) => (value && typeof value === "object" ? { ...value, status: state } : value);
  if ("server" in part) return { ...part, server: mask(part.server) };
  if ("servers" in part && Array.isArray(part.servers)) return { ...part, servers: part.servers.map(mask) };
  return part;
}

export function machineOrders(cloud: HetznerCloud): MachineOrders {
  const find = (id: string) => {
    if (!/^\d+$/.test(id)) throw notFound("server", id);
    return cloud.getServer(Number(id));
  };
  return {
    vanish: async (id) => cloud.vanish(find(id).id),
    crash: async (id) => cloud.crash(find(id).id),
    setState: (id, state) => cloud.setStatus(find(id), state),
  };
}
