import { describe, expect, it } from "vitest";
import { upstreamHeaders, upstreamOf } from "./forward.ts";

const visitor = {
  publicUrl: new URL("https://cl-x7k2m9q4.gentity.ai/a"),
  clientIp: "203.0.113.7",
  ownerId: "acc_1",
  vouchers: [
    ["X-Gentity-Assertion", "signed"],
    ["x-gentity-proof-0", "1"],
  ] as const,
};
const upstream = {
  url: "https://gentity-cmp1.fly.dev",
  origin: "https://gentity-cmp1.fly.dev",
  machine: "m1",
};
const sent = (inbound: Record<string, string>) =>
  Object.fromEntries(upstreamHeaders(new Headers(inbound), upstream, visitor));

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
});

const TEMPLATES = { flyAppUrl: "https://{app}.fly.dev", tunnelOriginUrl: "https://{host}" };

describe("upstreamOf", () => {
  const access = "link" as const;
  const route = {
    instanceId: "cmp1",
    accountId: "acc_1",
    state: "running",
    problem: null,
    provider: "fly",
    access,
    idles: false,
  };

  it("names the app's host", () => {
    expect(upstreamOf({ ...route, place: "gentity-cmp1", machine: "m1" }, TEMPLATES)).toEqual(upstream);
  });

  it("names the tunnel's origin", () => {
    const server = { ...route, provider: "hetzner", place: "o-abc.gentity.ai", machine: "42" };
    expect(upstreamOf(server, TEMPLATES)).toEqual({
      url: "https://o-abc.gentity.ai",
      origin: "https://o-abc.gentity.ai",
      machine: undefined,
    });
    const local = { ...TEMPLATES, tunnelOriginUrl: "http://127.0.0.1:8100/{host}" };
    expect(upstreamOf(server, local)).toMatchObject({
      url: "http://127.0.0.1:8100/o-abc.gentity.ai",
      origin: "https://o-abc.gentity.ai",
    });
  });

  it("has nowhere to go without a machine", () => {
    expect(upstreamOf({ ...route, place: "gentity-cmp1", machine: null }, TEMPLATES)).toBeUndefined();
  });
});
