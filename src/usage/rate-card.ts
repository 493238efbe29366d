import { parseDay } from "./day.ts";
import { DAYTONA_CARDS } from "./rate-cards/daytona.ts";
import { FLY_CARDS } from "./rate-cards/fly.ts";
import { HETZNER_CARDS } from "./rate-cards/hetzner.ts";

/** The machine and volume that a period was in. */
export interface PricedSpec {
  cpuKind: string;
  cpus: number;
  memoryMb: number;
  volumeGb: number;
}

/** List prices in pico-dollars (10⁻¹² $) per second, so that every price of the vendor is a whole number. */
export interface Rates {
  sharedCpu: number;
  performanceCpu: number;
  memoryGb: number;
  volumeGb: number;
}

/** A vendor's list prices as of a date: data, and never edited once days have been priced by them. */
export interface RateCard {
  /** Stored with every row that was priced by it. */
  version: string;
  provider: string;
  /** The first day it applies to; the one before it ends there. */
  effectiveFrom: string;
  source: string;
  retrieved: string;
  /** What is not sure. */
  doubtful: readonly string[];
  /** What the vendor bills and this does not count. */
  excluded: readonly string[];
  base: Rates;
  /** CPU and memory cost this many millionths of the base price in each region; volumes cost the same everywhere. */
  regions: Readonly<Record<string, number>>;
  /** What is sold whole at a price of its own; the base price stands for what is not among them. */
  machines?: readonly MachinePrice[];
  /** A machine that is down costs what it costs when it runs. */
  billsWhileOff?: true;
}

/** A machine of one size in one region, in pico-dollars per second. */
export interface MachinePrice extends Omit<PricedSpec, "volumeGb"> {
  region: string;
  price: number;
}

export const RATE_CARDS: readonly RateCard[] = [...FLY_CARDS, ...HETZNER_CARDS, ...DAYTONA_CARDS];

/** Rates that apply in one region from one day to another. Of a region that the card does not know, the base price. */
export interface RegionRates extends Rates {
  version: string;
  provider: string;
  region: string;
  from: number;
  until: number;
  billsWhileOff: boolean;
  /** Of machines of this size alone, and what such a one costs; empty for all others. */
  size: string;
  price: number;
}

export const ANY_REGION = "*";

/** All cards, region by region, as the database is handed them: of those that fit, the last fits best. */
export function flattenCards(cards: readonly RateCard[]): RegionRates[] {
  return cards.flatMap((card) => {
    const from = parseDay(card.effectiveFrom);
    const later = cards
      .filter((other) => other.provider === card.provider)
      .map((other) => parseDay(other.effectiveFrom))
      .filter((start) => start > from);
    const until = Math.min(...later, Number.MAX_SAFE_INTEGER);
    const { version, provider, base, machines = [], billsWhileOff = false } = card;
    const common = { version, provider, from, until, billsWhileOff };
    const regions = Object.entries({ [ANY_REGION]: 1_000_000, ...card.regions });
    return [
      ...regions.map(([region, millionths]) => {
        const scale = (rate: number) => Math.round((rate * millionths) / 1_000_000);
        const compute = {
          sharedCpu: scale(base.sharedCpu),
          performanceCpu: scale(base.performanceCpu),
          memoryGb: scale(base.memoryGb),
        };
        return { ...common, region, ...compute, volumeGb: base.volumeGb, size: "", price: 0 };
      }),
      ...machines.map(({ region, price, ...machine }) => ({
        ...common,
        ...base,
        region,
        size: sizeOf(machine),
        price,
      })),
    ];
  });
}

/** As the statements of the database spell it. */
function sizeOf({ cpuKind, cpus, memoryMb }: Omit<PricedSpec, "volumeGb">): string {
  return `${cpuKind}-${cpus}-${memoryMb}`;
}

/** The rates of a machine on a day: its own price, else its region's, else any; undefined for a provider without a card. */
export function findRates(
  rates: readonly RegionRates[],
  where: { provider: string; region: string; day: number; spec: PricedSpec },
): RegionRates | undefined {
  const size = sizeOf(where.spec);
  return rates.findLast(
    (each) =>
      each.provider === where.provider &&
      each.from <= where.day &&
      where.day < each.until &&
      (each.region === where.region || each.region === ANY_REGION) &&
      (each.size === size || each.size === ""),
  );
}

/** Pico-dollars per second of the machine, without its volume. */
export function machineRate(rates: RegionRates, spec: PricedSpec): number {
  if (rates.size !== "") return rates.price;
  const perCpu = spec.cpuKind === "performance" ? rates.performanceCpu : rates.sharedCpu;
  return spec.cpus * perCpu + Math.floor((rates.memoryGb * spec.memoryMb) / 1024);
}

/** The version that is in force, as shown beside every cost. */
export function currentCards(day: number, cards: readonly RateCard[] = RATE_CARDS): RateCard[] {
  const rates = flattenCards(cards).filter((each) => each.from <= day && day < each.until);
  return cards.filter((card) => rates.some((each) => each.version === card.version));
}
