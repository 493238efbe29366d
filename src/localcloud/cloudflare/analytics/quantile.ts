/**
 * The smallest value below which, with itself, at least this share of all weight lies.
 * @param values each with its weight; sorted in place.
 */
export function quantileExactWeighted(level: number, values: [value: number, weight: number][]): number {
  values.sort(([a], [b]) => a - b);
  const threshold = level * values.reduce((sum, [, weight]) => sum + weight, 0);
  let below = 0;
  for (const [value, weight] of values) {
    below += weight;
    if (below >= threshold) return value;
  }
  return values.at(-1)?.[0] ?? 0;
}
