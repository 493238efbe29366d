import { describe, expect, it } from "vitest";
import { wayTo } from "./way.ts";

const config = {
  flyAppUrl: "https://{app}.fly.dev",
  tunnelOriginUrl: "https://{host}",
  publicOrigin: new URL("https://gentity.ai"),
  baseDomain: "gentity.ai",
};
const subdomain = "cl-x7k2m9q4";
const vouched = {
  "x-forwarded-host": "cl-x7k2m9q4.gentity.ai",
  "x-forwarded-proto": "https",
  "x-gentity-user": "acc_1",
};

describe("wayTo", () => {
  const route = { accountId: "acc_1", provider: "fly" };

  it("names the app's host, and the machine", () => {
    expect(wayTo({ ...route, place: "gentity-cmp1", machine: "m1" }, subdomain, config)).toEqual({
      url: "https://gentity-cmp1.fly.dev",
      origin: "https://gentity-cmp1.fly.dev",
      publicOrigin: "https://cl-x7k2m9q4.gentity.ai",
      baseDomain: "gentity.ai",
      headers: { ...vouched, "fly-force-instance-id": "m1" },
    });
  });

  it("names the tunnel's origin", () => {
    const server = { ...route, provider: "hetzner", place: "o-abc.gentity.ai", machine: "42" };
    expect(wayTo(server, subdomain, config)).toEqual({
      url: "https://o-abc.gentity.ai",
      origin: "https://o-abc.gentity.ai",
      publicOrigin: "https://cl-x7k2m9q4.gentity.ai",
      baseDomain: "gentity.ai",
      headers: vouched,
    });
    const local = { ...config, tunnelOriginUrl: "http://127.0.0.1:8100/{host}" };
    expect(wayTo(server, subdomain, local)).toMatchObject({
      url: "http://127.0.0.1:8100/o-abc.gentity.ai",
      origin: "https://o-abc.gentity.ai",
    });
  });

  it("knows the port that people see", () => {
    const local = {
      ...config,
      publicOrigin: new URL("http://localhost:8787"),
      baseDomain: "gentity.localhost",
    };
    expect(wayTo({ ...route, place: "gentity-cmp1", machine: "m1" }, subdomain, local)).toMatchObject({
      publicOrigin: "http://cl-x7k2m9q4.gentity.localhost:8787",
      headers: { "x-forwarded-host": "cl-x7k2m9q4.gentity.localhost:8787", "x-forwarded-proto": "http" },
    });
  });

  it("has nowhere to go without a machine", () => {
    expect(wayTo({ ...route, place: "gentity-cmp1", machine: null }, subdomain, config)).toBeUndefined();
  });
});
