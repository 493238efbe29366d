/** Micro-dollars as people read them: to the cent, or closer where there is less than that. */
export function dollars(micros: number): string {
  const digits = micros !== 0 && Math.abs(micros) < 10_000 ? 4 : 2;
  return `$${(micros / 1_000_000).toFixed(digits)}`;
}

/** What a person types as dollars, in micro-dollars; nothing when it is none. */
export function microsOf(text: string): number | undefined {
  return /^\$?\d{1,9}(\.\d{1,6})?$/.test(text)
    ? Math.round(Number(text.replace("$", "")) * 1_000_000)
    : undefined;
}
