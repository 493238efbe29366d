/** Served without a look-up. */
export const FRESH_MS = 5_000;
/** Served while it is looked up again in the background; after this what is gone is dead everywhere. */
export const REVALIDATE_MS = 10_000;
/** When look-ups fail, the last word holds for this long. */
export const STALE_IF_ERROR_MS = 60 * 60_000;

/** Looked up in the background at most so often, however many come in between. */
const BACKGROUND_EVERY_MS = 1_000;

interface Entry<V> {
  value: V;
  /** When it was so. */
  at: number;
  /** When it was last looked up, whether that worked or not. */
  lookedAt: number;
  /** When the last look-up in the background began. */
  begunAt: number;
}

export interface MemoryDeps<V> {
  lookUp: (key: string) => Promise<V | undefined>;
  now: () => number;
  /** Lets work go on after the answer. */
  background: (work: Promise<unknown>) => void;
}

/**
 * What was looked up a moment ago, in the isolate's memory. Bounded: what was not looked up for longest goes first. Only what
 * `isKept` is kept; what is not there, never, so that it is found as soon as it is.
 */
export class Memory<V> {
  private readonly entries = new Map<string, Entry<V>>();
  private readonly capacity: number;
  private readonly isKept: (value: V) => boolean;

  constructor(capacity: number, isKept: (value: V) => boolean = () => true) {
    this.capacity = capacity;
    this.isKept = isKept;
  }

  /** The warm path: no promise, no look-up. */
  fresh(key: string, now: number): V | undefined {
    const known = this.entries.get(key);
    const isFresh =
      known !== undefined && now - known.lookedAt < FRESH_MS && now - known.at < STALE_IF_ERROR_MS;
    return isFresh ? known.value : undefined;
  }

  /** @throws when it is not known, and cannot be looked up. */
  async find(key: string, deps: MemoryDeps<V>): Promise<V | undefined> {
    const known = this.entries.get(key);
    const now = deps.now();
    const isUsable = known !== undefined && now - known.at < STALE_IF_ERROR_MS;
    if (isUsable && now - known.lookedAt < FRESH_MS) {
      return known.value;
    }
    if (isUsable && now - known.lookedAt < REVALIDATE_MS) {
      if (now - known.begunAt >= BACKGROUND_EVERY_MS) {
        known.begunAt = now;
        deps.background(this.refresh(key, deps).catch(() => undefined));
      }
      return known.value;
    }
    try {
      return await this.refresh(key, deps);
    } catch (error) {
      if (isUsable) {
        return known.value;
      }
      throw error;
    }
  }

  /** Looked up before it is used again; where that fails it is still the last word. */
  doubt(key: string): void {
    const known = this.entries.get(key);
    if (known) {
      known.lookedAt = Number.NEGATIVE_INFINITY;
    }
  }

  get size(): number {
    return this.entries.size;
  }

  private async refresh(key: string, deps: MemoryDeps<V>): Promise<V | undefined> {
    const askedAt = deps.now();
    let value: V | undefined;
    try {
      value = await deps.lookUp(key);
    } catch (error) {
      const known = this.entries.get(key);
      if (known) {
        // Not again with every request: who comes next is served at once.
        known.lookedAt = deps.now();
      }
      throw error;
    }
    this.entries.delete(key);
    if (value !== undefined && this.isKept(value)) {
      this.entries.set(key, { value, at: askedAt, lookedAt: askedAt, begunAt: askedAt });
      this.evict();
    }
    return value;
  }

  private evict(): void {
    const oldest = this.entries.keys().next().value;
    if (this.entries.size > this.capacity && oldest !== undefined) {
      this.entries.delete(oldest);
    }
  }
}
