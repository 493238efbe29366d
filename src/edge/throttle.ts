/**
 * At most once per key and period, in one isolate's memory. Bounded by being emptied: forgetting costs one time too many,
 * never one too few.
 */
export class Throttle {
  private readonly until = new Map<string, number>();
  private readonly periodMs: number;
  private readonly capacity: number;

  constructor(periodMs: number, capacity: number) {
    this.periodMs = periodMs;
    this.capacity = capacity;
  }

  /** Whether the key is still within its period. */
  isHeld(key: string, now: number): boolean {
    return (this.until.get(key) ?? 0) > now;
  }

  /** As if it had never been held. */
  release(key: string): void {
    this.until.delete(key);
  }

  hold(key: string, now: number): void {
    if (this.until.size >= this.capacity) {
      this.until.clear();
    }
    this.until.set(key, now + this.periodMs);
  }
}
