import { proofHeaders } from "../auth/edge-proof.ts";
import type { Config } from "../env.ts";
import type { Route } from "./route.ts";
import { sign } from "./signing.ts";

/** By header, in lower case: what an agent can tell from that a request came by the edge, and for whom it stands. */
export type Vouchers = Readonly<Record<string, string>>;

/** How long an assertion holds. */
export const HOLDS_MS = 5 * 60_000;
/** With so much of its time left it is signed anew, while the old one goes on being sent. */
export const RENEW_MS = HOLDS_MS / 2;

interface Entry extends Pick<Route, "instanceId" | "accountId"> {
  vouchers: Vouchers;
  endsAt: number;
  isRenewing: boolean;
}

export interface VouchDeps {
  config: Pick<Config, "edgeKeys" | "publicOrigin">;
  now: () => number;
  /** Lets work go on after the answer. */
  background: (work: Promise<unknown>) => void;
}

/** Signed once per route, and kept. Bounded: what was signed first goes first. */
export class VoucherCache {
  private readonly entries = new Map<string, Entry>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** At once where there are any; a promise for a route that is met for the first time in five minutes. */
  of(route: Route, audience: string, deps: VouchDeps): Vouchers | Promise<Vouchers> {
    if (deps.config.edgeKeys.length === 0) {
      return NONE;
    }
    const known = this.entries.get(audience);
    const isHis = known?.accountId === route.accountId && known.instanceId === route.instanceId;
    const left = known && isHis ? known.endsAt - deps.now() : 0;
    if (!known || left <= 0) {
      return this.renew(route, audience, deps);
    }
    if (left < RENEW_MS && !known.isRenewing) {
      known.isRenewing = true;
      deps.background(
        this.renew(route, audience, deps).catch(() => {
          known.isRenewing = false;
        }),
      );
    }
    return known.vouchers;
  }

  private async renew(
    { instanceId, accountId }: Route,
    audience: string,
    { config, now }: VouchDeps,
  ): Promise<Vouchers> {
    const signedAt = now();
    const iat = Math.floor(signedAt / 1000);
    const [assertion, proofs] = await Promise.all([
      sign(config.edgeKeys, "gentity-assertion+jwt", {
        iss: config.publicOrigin.origin,
        aud: audience,
        sub: accountId,
        iat,
        exp: iat + HOLDS_MS / 1000,
        instance: instanceId,
      }),
      proofHeaders(config.edgeKeys, { instanceId, accountId }),
    ]);
    const vouchers: Vouchers = {
      ...(assertion === undefined ? {} : { "x-gentity-assertion": assertion }),
      ...Object.fromEntries(proofs.map((name) => [name.toLowerCase(), accountId])),
    };
    this.entries.delete(audience);
    this.entries.set(audience, {
      instanceId,
      accountId,
      vouchers,
      endsAt: signedAt + HOLDS_MS,
      isRenewing: false,
    });
    this.evict();
    return vouchers;
  }

  private evict(): void {
    const oldest = this.entries.keys().next().value;
    if (this.entries.size > this.capacity && oldest !== undefined) {
      this.entries.delete(oldest);
    }
  }
}

const NONE: Vouchers = {};
