/**
 * What the vendor sells and for how much, as data with its source. It decides which size a spec becomes and what a server is
 * estimated to cost; whether a size can be had at this moment is asked of the vendor.
 */
import type { MachineSpec } from "../provider.ts";

export const HETZNER_LOCATIONS = {
  fsn1: { city: "Falkenstein", country: "DE", zone: "eu-central" },
  nbg1: { city: "Nuremberg", country: "DE", zone: "eu-central" },
  hel1: { city: "Helsinki", country: "FI", zone: "eu-central" },
  ash: { city: "Ashburn, VA", country: "US", zone: "us-east" },
  hil: { city: "Hillsboro, OR", country: "US", zone: "us-west" },
  sin: { city: "Singapore", country: "SG", zone: "ap-southeast" },
} as const satisfies Record<string, { city: string; country: string; zone: string }>;

export type HetznerLocation = keyof typeof HETZNER_LOCATIONS;

export interface ServerType {
  name: string;
  cpuKind: MachineSpec["cpuKind"];
  cpus: number;
  memoryMb: number;
  /** List price per hour without VAT and without the IPv4 address, in millionths; null where no source tells. */
  hourly: { eurMicros: number | null; usdMicros: number | null };
}

/** Of every list price below. */
export const PRICE_SOURCE = {
  source: "https://docs.hetzner.com/general/infrastructure-and-availability/price-adjustment/",
  effectiveFrom: "2026-06-15",
  retrieved: "2026-10-09",
  /** The vendor's own statement: servers are billed "until you delete them, independent of their state". */
  billsWhileOff: true,
  /** Every begun hour is billed as a whole one, up to a monthly cap. */
  billedBy: "hour",
  doubtful: [
    "Read from third parties' notes of the page; euro prices in Germany and Finland were read twice, those in the USA and Singapore once.",
    "Sizes without a price are sold, but no source at hand tells for how much.",
    "cx sizes are announced as not available since the summer of 2026; the next size that can be had costs more.",
    "A server made before 2026-06-15 keeps its older, lower price until it is rescaled.",
    "The prices of volumes and IPv4 addresses are a third party's.",
  ],
  excluded: ["traffic beyond what is included", "snapshots", "taxes"],
} as const;

/** Per GB (volumes) and per address, without VAT. An IPv4 address is part of every server we make. */
export const EXTRA_PRICES = {
  source: "https://costgoat.com/pricing/hetzner",
  retrieved: "2026-10-09",
  volumeGbMonthEurMicros: 57_200,
  ipv4MonthEurMicros: 500_000,
} as const;

const shared = (name: string, cpus: number, memoryGb: number, eur?: number, usd?: number): ServerType =>
  size(name, "shared", cpus, memoryGb, eur, usd);
const dedicated = (name: string, cpus: number, memoryGb: number, eur?: number, usd?: number): ServerType =>
  size(name, "performance", cpus, memoryGb, eur, usd);

function size(
  name: string,
  cpuKind: ServerType["cpuKind"],
  cpus: number,
  memoryGb: number,
  eur?: number,
  usd?: number,
): ServerType {
  const micros = (price: number | undefined) => (price === undefined ? null : Math.round(price * 1_000_000));
  const hourly = { eurMicros: micros(eur), usdMicros: micros(usd) };
  return { name, cpuKind, cpus, memoryMb: memoryGb * 1024, hourly };
}

/** Cheapest first; where a price is not known, by size. All of them x86, as the agents' images are. */
const EUROPE: readonly ServerType[] = [
  shared("cx23", 2, 4, 0.0088, 0.0104),
  shared("cx33", 4, 8, 0.0136, 0.016),
  shared("cx43", 8, 16, 0.0256),
  shared("cpx22", 2, 4, 0.0312, 0.0368),
  shared("cx53", 16, 32),
  shared("cpx32", 4, 8, 0.0569, 0.0673),
  dedicated("ccx13", 2, 8, 0.0689),
  shared("cpx42", 8, 16, 0.1114, 0.1314),
  dedicated("ccx23", 4, 16, 0.1378, 0.1626),
  dedicated("ccx33", 8, 32, 0.2219),
  dedicated("ccx43", 16, 64),
  dedicated("ccx53", 32, 128),
  dedicated("ccx63", 48, 192),
];

const UNITED_STATES: readonly ServerType[] = [
  shared("cpx11", 2, 2),
  shared("cpx21", 3, 4, 0.0513),
  dedicated("ccx13", 2, 8),
  shared("cpx31", 4, 8, 0.1001),
  dedicated("ccx23", 4, 16, 0.1402),
  shared("cpx41", 8, 16, 0.1931),
  dedicated("ccx33", 8, 32),
  dedicated("ccx43", 16, 64),
  dedicated("ccx53", 32, 128),
  dedicated("ccx63", 48, 192),
];

const SINGAPORE: readonly ServerType[] = [
  shared("cpx12", 1, 2),
  shared("cpx22", 2, 4, 0.0425),
  shared("cpx32", 4, 8, 0.0785),
  dedicated("ccx13", 2, 8),
  shared("cpx42", 8, 16, 0.1498),
  dedicated("ccx23", 4, 16, 0.1739),
  dedicated("ccx33", 8, 32),
  dedicated("ccx43", 16, 64),
  dedicated("ccx53", 32, 128),
  dedicated("ccx63", 48, 192),
];

export const SERVER_TYPES: Readonly<Record<HetznerLocation, readonly ServerType[]>> = {
  fsn1: EUROPE,
  nbg1: EUROPE,
  hel1: EUROPE,
  ash: UNITED_STATES,
  hil: UNITED_STATES,
  sin: SINGAPORE,
};

/** The vendor's smallest and largest volume. */
export const VOLUME_GB = { least: 10, most: 10_240 } as const;

export function isLocation(region: string): region is HetznerLocation {
  return Object.hasOwn(HETZNER_LOCATIONS, region);
}

/** Every size sold there that has at least what is asked for, cheapest first. */
export function serverTypesFor(spec: MachineSpec, location: string): readonly ServerType[] {
  if (!isLocation(location)) return [];
  return SERVER_TYPES[location].filter(
    (type) => type.cpuKind === spec.cpuKind && type.cpus >= spec.cpus && type.memoryMb >= spec.memoryMb,
  );
}

/** What a spec becomes where everything can be had. */
export function serverTypeFor(spec: MachineSpec, location: string): ServerType | undefined {
  return serverTypesFor(spec, location)[0];
}

/** The wanted location first, then the others of its zone. */
export function locationsNear(location: HetznerLocation): HetznerLocation[] {
  const { zone } = HETZNER_LOCATIONS[location];
  const others = (Object.keys(HETZNER_LOCATIONS) as HetznerLocation[]).filter(
    (other) => other !== location && HETZNER_LOCATIONS[other].zone === zone,
  );
  return [location, ...others];
}

/** The size that is made: volumes begin at ten. */
export function volumeSizeOf(spec: Pick<MachineSpec, "volumeGb">): number {
  return Math.max(VOLUME_GB.least, Math.ceil(spec.volumeGb));
}
