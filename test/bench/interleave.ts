export type Sides<Name extends string, T> = Record<Name, () => Promise<T>>;

/**
 * Measures every side once a round, each round beginning with another one and every second round backwards: a machine
 * that slows down or speeds up does so for all of them.
 */
export async function interleave<Name extends string, T>(
  rounds: number,
  sides: Sides<Name, T>,
  onRound: (round: number) => void = () => undefined,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(sides) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  for (let round = 0; round < rounds; round++) {
    const first = round % names.length;
    const order = [...names.slice(first), ...names.slice(0, first)];
    for (const name of round % 2 === 0 ? order : order.reverse()) {
      samples[name].push(await sides[name]());
    }
    onRound(round + 1);
  }
  return samples;
}
