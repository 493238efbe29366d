import type { Route } from "./route.ts";

/** Served without a look-up. */
export const FRESH_MS = 5_000;
/** Served while it is looked up again in the background; after this a rotated or deleted URL is dead everywhere. */
export const REVALIDATE_MS = 10_000;
/** When look-ups fail, the last known route serves on for this long. */
export const STALE_IF_ERROR_MS = 60 * 60_000;

/** Looked up at most so often in the background, and after a look-up has failed: whoever comes in between need not wait. */
const RETRY_MS = 1_000;

interface Entry {
  route: Route;
  at: number;
  /** When it was last looked up again, whatever came of it. */
  askedAt: number;
  /** The last look-up in the foreground did: it is served on for a while without asking. */
  hasFailed: boolean;
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
    return known !== undefined && now - known.at < FRESH_MS ? known.route : undefined;
  }

  async find(subdomain: string, deps: RouteCacheDeps): Promise<Route | undefined> {
    const known = this.entries.get(subdomain);
    const age = known ? deps.now() - known.at : Number.POSITIVE_INFINITY;
    if (known && age < FRESH_MS) {
      return known.route;
    }
    const wasJustAsked = known !== undefined && deps.now() - known.askedAt < RETRY_MS;
    if (known && age < REVALIDATE_MS) {
      if (!wasJustAsked) {
        known.askedAt = deps.now();
        deps.background(this.refresh(subdomain, deps).catch(() => undefined));
      }
      return known.route;
    }
    if (known?.hasFailed && wasJustAsked && age < STALE_IF_ERROR_MS) {
      return known.route;
    }
    try {
      return await this.refresh(subdomain, deps);
    } catch (error) {
      if (known && age < STALE_IF_ERROR_MS) {
        known.askedAt = deps.now();
        known.hasFailed = true;
        return known.route;
      }
      throw error;
    }
  }

  forget(subdomain: string): void {
    this.entries.delete(subdomain);
  }

  get size(): number {
    return this.entries.size;
  }

  private async refresh(subdomain: string, deps: RouteCacheDeps): Promise<Route | undefined> {
    const route = await deps.lookUp(subdomain);
    this.entries.delete(subdomain);
    if (route?.state === "running") {
      this.entries.set(subdomain, { route, at: deps.now(), askedAt: 0, hasFailed: false });
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
