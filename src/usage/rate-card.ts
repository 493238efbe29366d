import { parseDay } from "./day.ts";

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
}

export const RATE_CARDS: readonly RateCard[] = [
  {
    version: "fly-2025-08-19",
    provider: "fly",
    effectiveFrom: "1970-01-01",
    source: "https://fly.io/docs/about/pricing/",
    retrieved: "2025-08-19",
    doubtful: [
      "Read from an archived copy of the page; iad, sjc and syd were confirmed by later quotes, the other regions were not.",
      "Volumes are $0.15 per GB and month; a month is taken as 30 days.",
    ],
    excluded: [
      "root file systems of stopped machines",
      "snapshots",
      "egress",
      "dedicated addresses",
      "taxes",
    ],
    base: { sharedCpu: 267_500, performanceCpu: 8_100_000, memoryGb: 1_930_000, volumeGb: 57_870 },
    regions: {
      ams: 1_038_462,
      arn: 1_038_462,
      bom: 1_076_923,
      cdg: 1_134_615,
      dfw: 1_250_000,
      ewr: 1_000_000,
      fra: 1_153_846,
      gru: 1_615_385,
      iad: 1_000_000,
      jnb: 1_302_885,
      lax: 1_199_519,
      lhr: 1_134_615,
      nrt: 1_307_692,
      ord: 1_250_000,
      sin: 1_269_231,
      sjc: 1_192_308,
      syd: 1_269_231,
      yyz: 1_115_385,
    },
  },
];

/** Rates that apply in one region from one day to another. Of a region that the card does not know, the base price. */
export interface RegionRates extends Rates {
  version: string;
  provider: string;
  region: string;
  from: number;
  until: number;
}

export const ANY_REGION = "*";

/** All cards, region by region, as the database is handed them. */
export function flattenCards(cards: readonly RateCard[]): RegionRates[] {
  return cards.flatMap((card) => {
    const from = parseDay(card.effectiveFrom);
    const later = cards
      .filter((other) => other.provider === card.provider)
      .map((other) => parseDay(other.effectiveFrom))
      .filter((start) => start > from);
    const until = Math.min(...later, Number.MAX_SAFE_INTEGER);
    return Object.entries({ [ANY_REGION]: 1_000_000, ...card.regions }).map(([region, millionths]) => {
      const { version, provider, base } = card;
      const scale = (rate: number) => Math.round((rate * millionths) / 1_000_000);
      const compute = {
        sharedCpu: scale(base.sharedCpu),
        performanceCpu: scale(base.performanceCpu),
        memoryGb: scale(base.memoryGb),
      };
      return { version, provider, region, from, until, ...compute, volumeGb: base.volumeGb };
    });
  });
}

/** The rates of a day; undefined for a provider without a card. */
export function findRates(
  rates: readonly RegionRates[],
  where: { provider: string; region: string; day: number },
): RegionRates | undefined {
  const inForce = rates.filter(
    (each) => each.provider === where.provider && each.from <= where.day && where.day < each.until,
  );
  return (
    inForce.find((each) => each.region === where.region) ?? inForce.find((each) => each.region === ANY_REGION)
  );
}

/** Pico-dollars per second of the running machine, without its volume. */
export function machineRate(rates: Rates, spec: PricedSpec): number {
  const perCpu = spec.cpuKind === "performance" ? rates.performanceCpu : rates.sharedCpu;
  return spec.cpus * perCpu + Math.floor((rates.memoryGb * spec.memoryMb) / 1024);
}

/** The version that is in force, as shown beside every cost. */
export function currentCards(day: number, cards: readonly RateCard[] = RATE_CARDS): RateCard[] {
  const rates = flattenCards(cards).filter((each) => each.from <= day && day < each.until);
  return cards.filter((card) => rates.some((each) => each.version === card.version));
}
