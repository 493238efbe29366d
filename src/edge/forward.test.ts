import { describe, expect, it } from "vitest";
import { isStripped, upstreamHeaders } from "./forward.ts";

const way = {
  url: "https://gentity-cmp1.fly.dev",
  origin: "https://gentity-cmp1.fly.dev",
  publicOrigin: "https://cl-x7k2m9q4.gentity.ai",
  baseDomain: "gentity.ai",
  headers: {
    "x-forwarded-host": "cl-x7k2m9q4.gentity.ai",
    "x-forwarded-proto": "https",
    "x-gentity-user": "acc_1",
    "fly-force-instance-id": "m1",
  },
};
const passing = {
  way,
  clientIp: "203.0.113.7",
  vouchers: { "x-gentity-assertion": "signed", "x-gentity-proof-0": "1" },
};
const OWN = [...Object.keys(way.headers), ...Object.keys(passing.vouchers), "x-forwarded-for"];
const sent = (inbound: Record<string, string> | Headers) =>
  Object.fromEntries(new Headers(upstreamHeaders(new Headers(inbound), passing)));

/** As the runtime's are: what is not UTF-8 can be passed on, and not be read. */
class AsRead extends Headers {
  override forEach(visit: Parameters<Headers["forEach"]>[0]): void {
    super.forEach((value, name) => {
      visit(value.replace("\u00e9", "\uFFFD"), name, this);
    });
  }
}

describe("upstreamHeaders", () => {
  it("vouches with its own headers and lets no client set them", () => {
    const headers = sent({
      "X-Gentity-User": "acc_other",
      "X-Gentity-Assertion": "forged",
      "X-Gentity-Proof-1": "1",
      "X-Forwarded-For": "10.0.0.1",
      "X-Forwarded-Host": "evil.example",
      Forwarded: "for=1.1.1.1",
      "fly-force-instance-id": "other",
      "fly-prefer-region": "syd",
      "CF-Connecting-IP": "1.2.3.4",
      "X-Real-IP": "1.2.3.4",
      Accept: "text/html",
    });
    expect(headers).toEqual({
      accept: "text/html",
      "fly-force-instance-id": "m1",
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-host": "cl-x7k2m9q4.gentity.ai",
      "x-forwarded-proto": "https",
      "x-gentity-assertion": "signed",
      "x-gentity-proof-0": "1",
      "x-gentity-user": "acc_1",
    });
  });

  it("turns the page's own Origin to the upstream's, and leaves a foreign one to be refused", () => {
    expect(sent({ Origin: "https://cl-x7k2m9q4.gentity.ai" }).origin).toBe("https://gentity-cmp1.fly.dev");
    expect(sent({ Origin: "https://evil.example" }).origin).toBe("https://evil.example");
  });

  it("keeps our session cookie from the agent, and the agent's own cookies with it", () => {
    expect(sent({ Cookie: "a=1; __Host-gentity-session=secret; b=2" }).cookie).toBe("a=1; b=2");
    expect(sent({ Cookie: "__Host-gentity-session=secret; b=2" }).cookie).toBe("b=2");
    expect(sent({ Cookie: "__Host-gentity-session=secret" }).cookie).toBeUndefined();
  });

  it("lets no spelling of them through", () => {
    const names = [
      "X-FORWARDED-anything",
      "x-gentity-Assertion",
      "Fly-Replay-Src",
      "CF-Ray",
      "True-Client-IP",
    ];
    const headers = sent({ ...Object.fromEntries(names.map((name) => [name, "x"])), "X-Real-IP": "x" });
    expect(Object.keys(headers).sort()).toEqual([...OWN].sort());
  });

  it("passes what only looks alike", () => {
    for (const name of [
      "c",
      "cfx",
      "f",
      "flying",
      "forward",
      "true-client",
      "x-real-ip-2",
      "x-forwardedfor",
    ]) {
      expect(isStripped(name)).toBe(false);
    }
  });

  it("leaves the route's own headers as they were, whatever a client sent", () => {
    sent({ Accept: "a", "x-gentity-user": "b" });
    expect(Object.keys(way.headers)).toHaveLength(4);
    expect(way.headers["x-gentity-user"]).toBe("acc_1");
  });

  it("keeps several of a name, names that objects have, and numbers", () => {
    const inbound = new Headers({ Constructor: "c", "12": "twelve" });
    inbound.append("X-Two", "1");
    inbound.append("X-Two", "2");
    expect(sent(inbound)).toMatchObject({ constructor: "c", "12": "twelve", "x-two": "1, 2" });
  });

  it.each([
    ["a value that is not text", "x-bytes", "caf\u00e9"],
    ["a name that is no key", "__proto__", "p"],
  ])("%s passes, and nothing else with it", (_, name, value) => {
    const inbound = new AsRead([
      [name, value],
      ["cf-ray", "r"],
      ["cookie", "__Host-gentity-s=1"],
      ["a", "b"],
    ]);
    const headers = upstreamHeaders(inbound, passing);
    expect(headers).toBeInstanceOf(Headers);
    expect((headers as Headers).get(name)).toBe(value);
    expect([...(headers as Headers).keys()].sort()).toEqual([...OWN, "a", name].sort());
  });
});
