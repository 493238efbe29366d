import type { Route } from "./route.ts";

/** Served without a look-up. */
export const FRESH_MS = 5_000;
/** Served while it is looked up again in the background; after this a rotated or deleted URL is dead everywhere. */
export const REVALIDATE_MS = 10_000;
/** When look-ups fail, the last known route serves on for this long. */
export const STALE_IF_ERROR_MS = 60 * 60_000;

/** Looked up in the background at most so often, however many come in between. */
const BACKGROUND_EVERY_MS = 1_000;

interface Entry {
  route: Route;
  /** When it was so. */
  at: number;
  /** When it was last looked up, whether that worked or not. */
  lookedAt: number;
  /** When the last look-up in the background began. */
  begunAt: number;
}

export interface RouteCacheDeps {
  lookUp: (subdomain: string) => Promise<Route | undefined>;
  now: () => number;
  /** Lets work go on after the answer. */
  background: (work: Promise<unknown>) => void;
}

/**
 * Running routes, in the isolate's memory. Bounded: the one not used for longest goes first. Only running ones are kept, so
 * that an instance that was just started is never answered for from memory as stopped.
 */
export class RouteCache {
  private readonly entries = new Map<string, Entry>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The warm path: no promise, no look-up. */
  fresh(subdomain: string, now: number): Route | undefined {
    const known = this.entries.get(subdomain);
    const isFresh =
      known !== undefined && now - known.lookedAt < FRESH_MS && now - known.at < STALE_IF_ERROR_MS;
    return isFresh ? known.route : undefined;
  }

  async find(subdomain: string, deps: RouteCacheDeps): Promise<Route | undefined> {
    const known = this.entries.get(subdomain);
    const now = deps.now();
    const isUsable = known !== undefined && now - known.at < STALE_IF_ERROR_MS;
    if (isUsable && now - known.lookedAt < FRESH_MS) {
      return known.route;
    }
    if (isUsable && now - known.lookedAt < REVALIDATE_MS) {
      if (now - known.begunAt >= BACKGROUND_EVERY_MS) {
        known.begunAt = now;
        deps.background(this.refresh(subdomain, deps).catch(() => undefined));
      }
      return known.route;
    }
    try {
      return await this.refresh(subdomain, deps);
    } catch (error) {
      if (isUsable) {
        return known.route;
      }
      throw error;
    }
  }

  /** Looked up before it is used again; where that fails it is still the last word. */
  doubt(subdomain: string): void {
    const known = this.entries.get(subdomain);
    if (known) {
      known.lookedAt = Number.NEGATIVE_INFINITY;
    }
  }

  get size(): number {
    return this.entries.size;
  }

  private async refresh(subdomain: string, deps: RouteCacheDeps): Promise<Route | undefined> {
    const askedAt = deps.now();
    let route: Route | undefined;
    try {
      route = await deps.lookUp(subdomain);
    } catch (error) {
      const known = this.entries.get(subdomain);
      if (known) {
        // Not again with every request: who comes next is served at once.
        known.lookedAt = deps.now();
      }
      throw error;
    }
    this.entries.delete(subdomain);
    if (route?.state === "running") {
      this.entries.set(subdomain, { route, at: askedAt, lookedAt: askedAt, begunAt: askedAt });
      this.evict();
    }
    return route;
  }

  private evict(): void {
    const oldest = this.entries.keys().next().value;
    if (this.entries.size > this.capacity && oldest !== undefined) {
      this.entries.delete(oldest);
    }
  }
}
