import { REGION_CITIES, REGIONS } from "../../catalog/regions.ts";
import type { Config } from "../../env.ts";
import { AppError } from "../../errors.ts";
import { HETZNER_LOCATIONS, VOLUME_GB } from "../../providers/hetzner/catalog.ts";
import type { MachineSpec } from "../../providers/provider.ts";
import { hourlyPrice } from "../usage/price.ts";
import { choosePlacement, PUBLIC_PROVIDERS, type PublicProvider } from "./placement.ts";

export type Size = Omit<MachineSpec, "volumeGb">;

/** A place where instances can be made. */
export interface Place {
  provider: PublicProvider;
  region: string;
  city: string;
  /** For each size that was asked for; null: there is none so large. */
  offers: (Offer | null)[];
  /** An estimate, in micro-dollars. */
  volumeGbMicros: number;
  /** The vendor makes no smaller volume. */
  leastVolumeGb: number;
  /** A machine that is stopped costs what it costs when it runs. */
  billsWhileOff: boolean;
}

export interface Offer {
  /** What is really made: a vendor that sells sizes gives the next one up. */
  size: Size;
  /** Of the machine without its volume, an hour while it runs, in micro-dollars: an estimate. */
  hourMicros: number;
}

/** Every place of the configured providers, and what machines of these sizes are there; the default provider's first. */
export function listPlaces(config: Config, sizes: readonly Size[], now: number): Place[] {
  const preferred = config.defaultProvider ?? "hetzner";
  const providers = PUBLIC_PROVIDERS.filter((provider) => config[provider] !== undefined).toSorted(
    (a, b) => Number(b === preferred) - Number(a === preferred),
  );
  return providers.flatMap((provider) =>
    citiesOf(provider).map(([region, city]) => {
      const place = { provider, region };
      const volume = hourlyPrice({ ...place, spec: { ...SMALLEST, volumeGb: 1_000 } }, now);
      const machine = hourlyPrice({ ...place, spec: SMALLEST }, now);
      const paused = (volume?.pausedMicros ?? 0) - (machine?.pausedMicros ?? 0);
      return {
        ...place,
        city,
        offers: sizes.map((size) => offerOf(config, place, size, now)),
        volumeGbMicros: paused / 1_000,
        leastVolumeGb: provider === "hetzner" ? VOLUME_GB.least : 1,
        billsWhileOff: (machine?.pausedMicros ?? 0) > 0,
      };
    }),
  );
}

const SMALLEST: MachineSpec = { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 0 };

function citiesOf(provider: PublicProvider): [region: string, city: string][] {
  return provider === "fly"
    ? REGIONS.map((region) => [region, REGION_CITIES[region]])
    : Object.entries(HETZNER_LOCATIONS).map(([region, { city }]) => [region, city]);
}

function offerOf(
  config: Config,
  place: { provider: PublicProvider; region: string },
  wanted: Size,
  now: number,
): Offer | null {
  try {
    const { spec } = choosePlacement(config, { ...place, spec: { ...wanted, volumeGb: VOLUME_GB.least } });
    const { cpuKind, cpus, memoryMb } = spec;
    const price = hourlyPrice({ ...place, spec: { ...spec, volumeGb: 0 } }, now);
    return { size: { cpuKind, cpus, memoryMb }, hourMicros: price?.runningMicros ?? 0 };
  } catch (error) {
    if (error instanceof AppError) {
      return null;
    }
    throw error;
  }
}
