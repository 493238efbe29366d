/** Pure: what many noisy samples come to. */

/** The middle of the samples, and between which values the middle half of them lay. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** Between two neighbouring samples where `share` falls between them. NaN of none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function spreadOf(samples: readonly number[]): Spread {
  return { median: median(samples), low: quantile(samples, 0.25), high: quantile(samples, 0.75) };
}

/** Round by round, so that whatever slowed a round down slowed both of its sides. */
export function ratioOf(ours: readonly number[], base: readonly number[]): Spread {
  return spreadOf(ours.map((value, round) => value / (base[round] ?? Number.NaN)));
}
