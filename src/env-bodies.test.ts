import { expect, it } from "vitest";
import { readBodyConfig } from "./env-bodies.ts";

it("is the body of the seed unless something else is said", () => {
  expect(readBodyConfig({})).toEqual({
    image: "nikolaik/python-nodejs:python3.12-nodejs22",
    spec: { cpuKind: "performance", cpus: 2, memoryMb: 4096, volumeGb: 10 },
    region: "iad",
    appPrefix: "gentity-bodies",
    idleTimeoutSeconds: 300,
  });
});

it("takes every value from its variable", () => {
  const env = {
    BODY_IMAGE: "debian:12",
    BODY_CPU_KIND: "shared",
    BODY_CPUS: "1",
    BODY_MEMORY_MB: "512",
    BODY_VOLUME_GB: "3",
    BODY_REGION: "fra",
    BODY_APP_PREFIX: "staging-bodies",
    BODY_IDLE_SECONDS: "0",
  };
  expect(readBodyConfig(env)).toEqual({
    image: "debian:12",
    spec: { cpuKind: "shared", cpus: 1, memoryMb: 512, volumeGb: 3 },
    region: "fra",
    appPrefix: "staging-bodies",
    idleTimeoutSeconds: null,
  });
});

it.each([
  ["BODY_CPU_KIND", "fast"],
  ["BODY_CPUS", "0"],
  ["BODY_MEMORY_MB", "4 GB"],
  ["BODY_VOLUME_GB", "1.5"],
  ["BODY_APP_PREFIX", "Bodies"],
  ["BODY_IDLE_SECONDS", "-1"],
])("names the variable that cannot be read: %s=%s", (name, value) => {
  expect(() => readBodyConfig({ [name]: value })).toThrow(name);
});
