import {
  EXTRA_PRICES,
  type HetznerLocation,
  PRICE_SOURCE,
  SERVER_TYPES,
  type ServerType,
} from "../../providers/hetzner/catalog.ts";
import type { MachinePrice, RateCard } from "../rate-card.ts";

/** Of the sizes whose price is told in both currencies, the dearest dollar. */
const DOLLARS_PER_EURO = 1.19;
const HOURS_A_MONTH = 30 * 24;
const PICO = 1_000_000;

const ADDRESS = toRate((EXTRA_PRICES.ipv4MonthEurMicros * DOLLARS_PER_EURO) / HOURS_A_MONTH);

/** Pico-dollars a second, from millionths of a dollar an hour. */
function toRate(microsPerHour: number): number {
  return Math.round((microsPerHour * PICO) / 3600);
}

function priceOf({ hourly }: ServerType): number | undefined {
  const { eurMicros, usdMicros } = hourly;
  const micros = usdMicros ?? (eurMicros === null ? null : eurMicros * DOLLARS_PER_EURO);
  return micros === null ? undefined : toRate(micros) + ADDRESS;
}

function machinesOf(region: HetznerLocation): MachinePrice[] {
  return SERVER_TYPES[region].flatMap((type) => {
    const price = priceOf(type);
    const { cpuKind, cpus, memoryMb } = type;
    return price === undefined ? [] : [{ region, cpuKind, cpus, memoryMb, price }];
  });
}

/** Two sizes with the same CPUs and memory are one to a spec; the dearer one is what is left where the other is sold out. */
function dearestOfEachSize(machines: readonly MachinePrice[]): MachinePrice[] {
  const bySize = Map.groupBy(machines, ({ cpuKind, cpus, memoryMb }) => `${cpuKind}-${cpus}-${memoryMb}`);
  return [...bySize.values()].flatMap((same) => same.toSorted((a, b) => b.price - a.price).slice(0, 1));
}

export const HETZNER_CARDS: readonly RateCard[] = [
  {
    version: "hetzner-2026-06-15",
    provider: "hetzner",
    effectiveFrom: "1970-01-01",
    source: PRICE_SOURCE.source,
    retrieved: PRICE_SOURCE.retrieved,
    doubtful: [
      ...PRICE_SOURCE.doubtful,
      "Euros are counted as 1.19 dollars, which is what the vendor's own two lists come to.",
      "Sizes without a price are counted per CPU like the nearest that has one.",
      "Of two sizes with the same CPUs and memory the dearer one is counted.",
      "The vendor bills whole hours up to a monthly cap; this counts the time itself.",
    ],
    excluded: PRICE_SOURCE.excluded,
    base: {
      sharedCpu: toRate((0.0569 * 1e6 * DOLLARS_PER_EURO) / 4),
      performanceCpu: toRate((0.1378 * 1e6 * DOLLARS_PER_EURO) / 4),
      memoryGb: 0,
      volumeGb: toRate((EXTRA_PRICES.volumeGbMonthEurMicros * DOLLARS_PER_EURO) / HOURS_A_MONTH),
    },
    regions: {},
    machines: (Object.keys(SERVER_TYPES) as HetznerLocation[]).flatMap((region) =>
      dearestOfEachSize(machinesOf(region)),
    ),
    billsWhileOff: true,
  },
];
