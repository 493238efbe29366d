/** Records as the vendor shows them. */
import { findImage, findLocation, findServerType, imageView, serverTypeView } from "./catalog.ts";
import type { HetznerCloud } from "./cloud.ts";
import type { ActionRecord, FirewallRecord, ServerRecord, VolumeRecord } from "./records.ts";

const TERABYTES_20 = 21_990_232_555_520;

export function actionView({ isStuck: _, ...action }: ActionRecord) {
  return action;
}

/** Addresses of nobody: documentation's own. */
function addresses({ id, hasIpv4, hasIpv6 }: ServerRecord) {
  const [high, low] = [(id >> 8) & 0xff, id & 0xff];
  const ipv4 = {
    id: id + 1_000_000,
    ip: `198.${18 + (high & 1)}.${high}.${low}`,
    blocked: false,
    dns_ptr: `static.${low}.${high}.198.example.com`,
  };
  const ipv6 = { id: id + 2_000_000, ip: `2001:db8:${id.toString(16)}::/64`, blocked: false, dns_ptr: [] };
  return { ipv4: hasIpv4 ? ipv4 : null, ipv6: hasIpv6 ? ipv6 : null };
}

export function serverView(server: ServerRecord, cloud: HetznerCloud) {
  const { id, name, status, created, labels } = server;
  const serverType = findServerType(server.serverType);
  const image = findImage(server.image);
  return {
    id,
    name,
    status,
    created,
    labels,
    public_net: {
      ...addresses(server),
      floating_ips: [],
      firewalls: cloud.firewalls.of(server).map((firewall) => ({ id: firewall.id, status: "applied" })),
    },
    private_net: [],
    server_type: serverType && serverTypeView(serverType),
    image: image ? imageView(image) : null,
    location: findLocation(server.location),
    iso: null,
    rescue_enabled: false,
    locked: cloud.actions.isLocked("server", id),
    backup_window: null,
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: TERABYTES_20,
    primary_disk_size: serverType?.diskGb ?? 0,
    protection: { delete: false, rebuild: false },
    volumes: cloud.state.volumesOf(id).map((volume) => volume.id),
    load_balancers: [],
    placement_group: null,
  };
}

export function volumeView(volume: VolumeRecord, cloud: HetznerCloud) {
  const { id, name, created, labels, sizeGb, format, server } = volume;
  const isNew = cloud.state
    .actionsOf("volume", id)
    .some(({ command, status }) => command === "create_volume" && status === "running");
  return {
    id,
    name,
    created,
    labels,
    size: sizeGb,
    server,
    location: findLocation(volume.location),
    linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${id}`,
    protection: { delete: false },
    status: isNew ? "creating" : "available",
    format,
  };
}

export function firewallView({ id, name, created, labels, rules, appliedTo }: FirewallRecord) {
  return { id, name, created, labels, rules, applied_to: appliedTo };
}
