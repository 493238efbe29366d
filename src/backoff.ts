/**
 * How long to wait before the next try, in milliseconds: doubles from one second, capped, with up to a fifth taken off
 * so that many instances do not retry in step. `random` is in [0, 1).
 */
export function backoffMs(attempts: number, capMs = 60_000, random = 0): number {
  const full = Math.min(capMs, 1_000 * 2 ** Math.min(Math.max(attempts - 1, 0), 20));
  return Math.round(full * (1 - random / 5));
}
