import { dayOf } from "../../usage/day.ts";
import { findRates, flattenCards, machineRate, type PricedSpec, RATE_CARDS } from "../../usage/rate-card.ts";

const RATES = flattenCards(RATE_CARDS);
const SECONDS_PER_HOUR = 3600;
const PICO_PER_MICRO = 1_000_000;

/** What an hour of something costs by list prices, machine and volume together, in micro-dollars: an estimate. */
export interface HourlyPrice {
  runningMicros: number;
  /** While it is stopped or suspended. */
  pausedMicros: number;
}

/** Undefined for a provider without a rate card. */
export function hourlyPrice(
  { provider, region, spec }: { provider: string; region: string; spec: PricedSpec },
  now: number,
): HourlyPrice | undefined {
  const rates = findRates(RATES, { provider, region, day: dayOf(now), spec });
  if (!rates) {
    return undefined;
  }
  const hour = (picoPerSecond: number) => Math.round((picoPerSecond * SECONDS_PER_HOUR) / PICO_PER_MICRO);
  const machine = machineRate(rates, spec);
  const volume = rates.volumeGb * spec.volumeGb;
  return {
    runningMicros: hour(machine + volume),
    pausedMicros: hour(volume + (rates.billsWhileOff ? machine : 0)),
  };
}

/** Machine and volume over some time, in micro-dollars. */
export function priceOf(
  where: { provider: string; region: string; spec: PricedSpec },
  used: { runningMs: number; pausedMs: number },
  now: number,
): number {
  const rates = findRates(RATES, { ...where, day: dayOf(now) });
  if (!rates) {
    return 0;
  }
  const { runningMs, pausedMs } = used;
  const machineMs = runningMs + (rates.billsWhileOff ? pausedMs : 0);
  const volume = rates.volumeGb * where.spec.volumeGb * (runningMs + pausedMs);
  return (machineRate(rates, where.spec) * machineMs + volume) / (PICO_PER_MICRO * 1_000);
}
