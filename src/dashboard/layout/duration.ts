/** A length of time, in its two largest units: `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units: [string, number][] = [
    ["d", Math.floor(whole / 86_400)],
    ["h", Math.floor(whole / 3600) % 24],
    ["min", Math.floor(whole / 60) % 60],
    ["s", whole % 60],
  ];
  const first = units.findIndex(([, amount]) => amount > 0);
  return units
    .slice(first < 0 ? 3 : first)
    .slice(0, 2)
    .map(([unit, amount]) => `${amount} ${unit}`)
    .join(" ");
}
