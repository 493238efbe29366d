import { describe, expect, it } from "vitest";
import { type Config, type Env, readConfig } from "../../env.ts";
import { choosePlacement } from "./placement.ts";

const FLY = { FLY_API_TOKEN: "t" };
const HETZNER = {
  HETZNER_API_TOKEN: "t",
  CLOUDFLARE_API_TOKEN: "t",
  CLOUDFLARE_ACCOUNT_ID: "a",
  CLOUDFLARE_ZONE_ID: "z",
  HOST_SECRET: "s",
};
const SMALL = { cpuKind: "shared", cpus: 1, memoryMb: 2048, volumeGb: 5 } as const;

const config = (...parts: Record<string, string>[]): Config =>
  readConfig(Object.assign({ BASE_DOMAIN: "gentity.test" }, ...parts) as Env);
const place = (of: Config, wanted: Partial<Parameters<typeof choosePlacement>[1]> = {}) =>
  choosePlacement(of, { spec: SMALL, ...wanted });

describe("where an instance goes", () => {
  it("is Hetzner where that is configured, in a size that is sold there", () => {
    expect(place(config(FLY, HETZNER))).toEqual({
      provider: "hetzner",
      region: "fsn1",
      spec: { cpuKind: "shared", cpus: 2, memoryMb: 4096, volumeGb: 10 },
    });
  });

  it("is Fly where Hetzner is not configured, or the deployment prefers it", () => {
    const atFly = { provider: "fly", region: "iad", spec: SMALL };
    expect(place(config(FLY))).toEqual(atFly);
    expect(place(config(FLY, HETZNER, { DEFAULT_PROVIDER: "fly" }))).toEqual(atFly);
  });

  it("follows the region, and asks the default of a region that both have", () => {
    expect(place(config(FLY, HETZNER), { region: "iad" }).provider).toBe("fly");
    expect(place(config(FLY, HETZNER, { DEFAULT_PROVIDER: "fly" }), { region: "hel1" }).provider).toBe(
      "hetzner",
    );
    expect(place(config(FLY, HETZNER), { region: "sin" }).provider).toBe("hetzner");
    expect(place(config(FLY), { region: "sin" }).provider).toBe("fly");
  });

  it("is the provider that is named, or nowhere", () => {
    expect(place(config(FLY, HETZNER), { provider: "fly" }).provider).toBe("fly");
    expect(() => place(config(FLY), { provider: "hetzner" })).toThrow('"hetzner" is not configured');
    expect(() => place(config())).toThrow("No provider is configured");
  });

  it("is refused with what there is instead", () => {
    const both = config(FLY, HETZNER);
    const thrown = (wanted: object) => {
      try {
        place(both, wanted);
      } catch (error) {
        return error;
      }
    };
    expect(thrown({ provider: "hetzner", region: "iad" })).toMatchObject({
      code: "unknown_region",
      hint: expect.stringContaining("fsn1"),
    });
    expect(thrown({ provider: "hetzner", spec: { ...SMALL, cpus: 64 } })).toMatchObject({
      code: "invalid_size",
      hint: expect.stringContaining("The largest there has 16 CPUs"),
    });
    expect(thrown({ region: "nowhere" })).toMatchObject({ code: "unknown_region" });
  });

  it("needs all five settings of Hetzner or none", () => {
    const { HOST_SECRET: _, ...four } = HETZNER;
    expect(config(four).hetzner).toBeUndefined();
  });
});
