/**
 * Everything at both vendors that is ours: what has labels by its labels, tunnels by the names only we give, records by what
 * they lead to. Also what a half-finished deletion left behind: a volume or a tunnel without a server counts too.
 */
import type { Tunnels } from "../cloudflare/tunnels.ts";
import type { Outcome, OwnedMachine, Refs } from "../provider.ts";
import type { HetznerApi } from "./api.ts";
import { instanceOfName, isOurs, nameOf, SELECT_MANAGED } from "./names.ts";
import { ABSENT, observeServer } from "./states.ts";

export interface ListDeps {
  api: HetznerApi;
  tunnels: Tunnels;
  prefix?: string | undefined;
  originOf: (instanceId: string) => Promise<string>;
}

/** Every origin's name begins with it. */
const ORIGIN_PREFIX = "o-";

export async function listOwned({
  api,
  tunnels,
  prefix,
  originOf,
}: ListDeps): Promise<Outcome<OwnedMachine[]>> {
  const filter = { label_selector: SELECT_MANAGED };
  const [servers, volumes, firewalls, tunnelList, records] = await Promise.all([
    api.listServers(filter),
    api.listVolumes(filter),
    api.listFirewalls(filter),
    tunnels.listTunnels(nameOf("", prefix)),
    tunnels.listRecords(ORIGIN_PREFIX),
  ]);
  if (!servers.ok) return servers.failure.outcome;
  if (!volumes.ok) return volumes.failure.outcome;
  if (!firewalls.ok) return firewalls.failure.outcome;
  if (tunnelList.type !== "ok") return tunnelList;
  if (records.type !== "ok") return records;

  const owned = new Map<string, OwnedMachine>();
  const note = (instanceId: string | undefined, refs: Refs, observed = ABSENT): void => {
    if (instanceId === undefined) return;
    const entry = owned.get(instanceId) ?? { instanceId, refs: {}, observed };
    owned.set(instanceId, { ...entry, refs: { ...refs, ...entry.refs } });
  };
  // Another deployment in this project labels the same way, under names of another prefix.
  const instanceOf = (found: { name: string; labels: Record<string, string> }): string | undefined => {
    const id = instanceOfName(found.name, prefix);
    return id !== undefined && isOurs(found.labels, id) ? id : undefined;
  };
  for (const server of servers.value) {
    note(instanceOf(server), { machine: String(server.id) }, observeServer(server, undefined));
  }
  for (const volume of volumes.value) note(instanceOf(volume), { volume: String(volume.id) });
  for (const firewall of firewalls.value) note(instanceOf(firewall), { firewall: String(firewall.id) });
  for (const tunnel of tunnelList.value) note(instanceOfName(tunnel.name, prefix), { tunnel: tunnel.id });
  for (const { instanceId, refs } of [...owned.values()]) {
    const origin = await originOf(instanceId);
    const record = records.value.find(({ host }) => host === origin);
    if (record !== undefined) note(instanceId, { place: origin, record: record.id });
    else if (refs.tunnel !== undefined) note(instanceId, { place: origin });
  }
  return { type: "ok", value: [...owned.values()] };
}
