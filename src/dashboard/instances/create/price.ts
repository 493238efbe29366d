/** What a place asks for a size, as the server writes it into the page and the browser reads it again. */
export interface PlacePrices {
  /** For each size in the form's order: micro-dollars an hour of the machine, and what is really made; null: none there. */
  offers: ([hourMicros: number, made: string] | null)[];
  volumeGbMicros: number;
  leastVolumeGb: number;
  billsWhileOff: boolean;
}

const HOURS_A_MONTH = 730;

/** The price of an hour, machine and volume; undefined where there is no such size. */
export function hourMicros(prices: PlacePrices, size: number, volumeGb: number): number | undefined {
  const offer = prices.offers[size];
  return offer ? offer[0] + volumeMicros(prices, volumeGb) : undefined;
}

/** All that there is to say about a choice, always as an estimate. */
export function priceWords(prices: PlacePrices, size: number, volumeGb: number): string {
  const offer = prices.offers[size];
  const running = hourMicros(prices, size, volumeGb);
  if (!offer || running === undefined) {
    return "There is no machine of this size there.";
  }
  const paused = prices.billsWhileOff ? running : volumeMicros(prices, volumeGb);
  const month = `${dollars(running * HOURS_A_MONTH, 2)} a month without a break`;
  const off = prices.billsWhileOff
    ? "the same while it is stopped, until it is deleted"
    : `${dollars(paused)} while it is stopped or suspended`;
  return `est. ${dollars(running)} an hour while it runs (${month}), ${off}. The machine: ${offer[1]}.`;
}

export function dollars(micros: number, digits = 4): string {
  return `$${(micros / 1e6).toFixed(digits)}`;
}

/** "2 shared CPUs, 4 GB": what is made, and so what is paid for. */
export function sizeWords({
  cpuKind,
  cpus,
  memoryMb,
}: {
  cpuKind: string;
  cpus: number;
  memoryMb: number;
}): string {
  const memory = memoryMb % 1024 === 0 ? `${memoryMb / 1024} GB` : `${memoryMb} MB`;
  return `${cpus} ${cpuKind} ${cpus === 1 ? "CPU" : "CPUs"}, ${memory}`;
}

function volumeMicros({ volumeGbMicros, leastVolumeGb }: PlacePrices, volumeGb: number): number {
  return Math.round(volumeGbMicros * Math.max(volumeGb, leastVolumeGb));
}
