import { FRESH_MS, REVALIDATE_MS, STALE_IF_ERROR_MS } from "./route-cache.ts";

interface Entry {
  accountId: string;
  /** When it was so. */
  at: number;
  /** When it was last looked up, whether that worked or not. */
  lookedAt: number;
}

export interface BearersDeps {
  /** The account behind a token's hash; undefined for one that is unknown, revoked, or of a closed account. */
  lookUp: (hash: string) => Promise<string | undefined>;
  now: () => number;
  /** Lets work go on after the answer. */
  background: (work: Promise<unknown>) => void;
}

/**
 * Tokens that were good a moment ago, by their hashes, in the isolate's memory; remembered as long as routes are, so that a revoked one is
 * dead everywhere within ten seconds. What is no token is not remembered: one that was just made works at once.
 */
export class Bearers {
  private readonly entries = new Map<string, Entry>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** @throws when it is not known, and cannot be looked up. */
  async accountOf(hash: string, deps: BearersDeps): Promise<string | undefined> {
    const known = this.entries.get(hash);
    const now = deps.now();
    const isUsable = known !== undefined && now - known.at < STALE_IF_ERROR_MS;
    if (isUsable && now - known.lookedAt < FRESH_MS) {
      return known.accountId;
    }
    if (isUsable && now - known.lookedAt < REVALIDATE_MS) {
      deps.background(this.refresh(hash, deps).catch(() => undefined));
      return known.accountId;
    }
    try {
      return await this.refresh(hash, deps);
    } catch (error) {
      if (isUsable) {
        return known.accountId;
      }
      throw error;
    }
  }

  get size(): number {
    return this.entries.size;
  }

  private async refresh(hash: string, deps: BearersDeps): Promise<string | undefined> {
    const askedAt = deps.now();
    const accountId = await deps.lookUp(hash).catch((error) => {
      const known = this.entries.get(hash);
      if (known) {
        known.lookedAt = deps.now();
      }
      throw error;
    });
    this.entries.delete(hash);
    if (accountId !== undefined) {
      const [oldest] = this.entries.keys();
      if (this.entries.size >= this.capacity && oldest !== undefined) {
        this.entries.delete(oldest);
      }
      this.entries.set(hash, { accountId, at: askedAt, lookedAt: askedAt });
    }
    return accountId;
  }
}

/** One row from the primary: a replica may not know yet that a token was revoked. */
export async function lookUpBearer(db: D1Database, hash: string): Promise<string | undefined> {
  const row = await db
    .withSession("first-primary")
    .prepare(
      "SELECT accounts.id FROM tokens JOIN accounts ON accounts.id = tokens.account_id WHERE tokens.hash = ?1 AND tokens.revoked_at IS NULL AND accounts.suspended_at IS NULL",
    )
    .bind(hash)
    .first<{ id: string }>();
  return row?.id;
}
