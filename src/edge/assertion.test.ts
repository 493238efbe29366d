import { describe, expect, it } from "vitest";
import { proofHeaders } from "../auth/edge-proof.ts";
import { HOLDS_MS, RENEW_MS, type VouchDeps, VoucherCache, type Vouchers } from "./assertion.ts";
import { verify } from "./signing.ts";

const ring = [{ id: "e", seed: new Uint8Array(32).fill(5) }];
const publicOrigin = new URL("https://gentity.test");
const AUDIENCE = "https://cl-x7k2m9q4.gentity.test";
const route = {
  instanceId: "cmp1",
  accountId: "acc_1",
  state: "running",
  problem: null,
  provider: "fly",
  place: "gentity-cmp1",
  machine: "m1",
  access: "link" as const,
  idles: false,
};

let now = Date.UTC(2026, 0, 1);
let background: Promise<unknown>[] = [];
function deps(over: Partial<VouchDeps["config"]> = {}): VouchDeps {
  background = [];
  return {
    config: { edgeKeys: ring, publicOrigin, ...over },
    now: () => now,
    background: (work) => background.push(work),
  };
}
const assertionOf = (vouchers: Vouchers) => vouchers["x-gentity-assertion"] ?? "";
const read = (vouchers: Vouchers) =>
  verify(ring, "gentity-assertion+jwt", assertionOf(vouchers), {
    iss: "https://gentity.test",
    aud: AUDIENCE,
    now,
  });

describe("what the edge vouches with", () => {
  it("says for whom, at which address and until when, and proves the way by a name", async () => {
    const vouchers = await new VoucherCache(10).of(route, AUDIENCE, deps());
    expect(await read(vouchers)).toEqual({
      iss: "https://gentity.test",
      aud: AUDIENCE,
      sub: "acc_1",
      instance: "cmp1",
      iat: now / 1000,
      exp: (now + HOLDS_MS) / 1000,
    });
    const proofs = (await proofHeaders(ring, route)).map((name) => name.toLowerCase());
    expect(Object.keys(vouchers)).toEqual(["x-gentity-assertion", ...proofs]);
    expect(proofs.map((name) => vouchers[name])).toEqual(proofs.map(() => "acc_1"));
  });

  it("is signed once, and at hand without waiting", async () => {
    const cache = new VoucherCache(10);
    const first = cache.of(route, AUDIENCE, deps());
    expect(first).toBeInstanceOf(Promise);
    const again = cache.of({ ...route, state: "stopping" }, AUDIENCE, deps());
    expect(again).toBeInstanceOf(Promise);
    await Promise.all([first, again]);
    const kept = cache.of(route, AUDIENCE, deps());
    expect(kept).not.toBeInstanceOf(Promise);
    expect(await kept).toEqual(await first);
    expect(background).toHaveLength(0);
  });

  it("is renewed in the background, once, before it ends, and never sent when it has ended", async () => {
    const cache = new VoucherCache(10);
    const first = await cache.of(route, AUDIENCE, deps());
    now += HOLDS_MS - RENEW_MS + 1_000;
    const given = deps();
    expect(cache.of(route, AUDIENCE, given)).toBe(first);
    expect(cache.of(route, AUDIENCE, given)).toBe(first);
    expect(background).toHaveLength(1);
    await Promise.all(background);
    const second = cache.of(route, AUDIENCE, deps()) as Vouchers;
    expect(assertionOf(second)).not.toBe(assertionOf(first));
    now += HOLDS_MS;
    const third = cache.of(route, AUDIENCE, deps());
    expect(third).toBeInstanceOf(Promise);
    expect(await read(await third)).toBeDefined();
  });

  it("is another's after a transfer, at once", async () => {
    const cache = new VoucherCache(10);
    const before = await cache.of(route, AUDIENCE, deps());
    const after = await cache.of({ ...route, accountId: "acc_2" }, AUDIENCE, deps());
    expect((await read(after))?.sub).toBe("acc_2");
    const names = (vouchers: Vouchers) => Object.keys(vouchers).slice(1);
    expect(names(after)).not.toEqual(names(before));
  });

  it("is nothing without keys, and bounded", async () => {
    expect(new VoucherCache(1).of(route, AUDIENCE, deps({ edgeKeys: [] }))).toEqual({});
    const cache = new VoucherCache(1);
    await cache.of(route, AUDIENCE, deps());
    await cache.of(route, "https://other.gentity.test", deps());
    expect(cache.of(route, AUDIENCE, deps())).toBeInstanceOf(Promise);
  });
});
