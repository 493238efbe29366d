import { describe, expect, it } from "vitest";
import { BOOT_SCRIPT } from "../../machine-boot/script.ts";
import type { MachineRecipe, Target } from "../provider.ts";
import { instanceOfApp, isNameable, namesOf } from "./names.ts";
import { appBody, findRecipeProblem, machineBody, secretsOf, volumeBody } from "./spec.ts";

const target: Target = {
  instanceId: "cmp3x7k2m9q4",
  accountId: "acc1",
  region: "iad",
  spec: { cpuKind: "shared", cpus: 2, memoryMb: 2048, volumeGb: 10 },
  exposure: "public",
  refs: { place: "gentity-cmp3x7k2m9q4", volume: "vol_1" },
};
const names = namesOf(target);

const recipe: MachineRecipe = {
  image: "ghcr.io/acme/agent@sha256:abc",
  entrypoint: ["tini", "--"],
  command: ["serve", "it's $HOME"],
  user: { uid: 1000, gid: 1001 },
  dataPath: "/data",
  port: 8080,
  healthPath: "/healthz",
  env: { KEY: "secret" },
  files: [{ path: "/data/a.json", content: "é", firstBootOnly: true, mode: "0600" }],
};

describe("names", () => {
  it("derive from the instance alone", () => {
    expect(names).toEqual({
      app: "gentity-cmp3x7k2m9q4",
      network: "gentity-cmp3x7k2m9q4",
      volume: "data_cmp3x7k2m9q4",
      machine: "gentity-cmp3x7k2m9q4",
    });
  });

  it("fit what Fly allows", () => {
    const long = namesOf({ instanceId: "a".repeat(54), refs: {} });
    expect(long.app.length).toBeLessThan(63);
    expect(long.volume.length).toBe(30);
    expect(isNameable("a".repeat(55))).toBe(false);
    expect(["", "A", "a_b", "a-b", "é"].some((id) => isNameable(id))).toBe(false);
  });

  it("tell the instance of an app, and never one of another deployment's", () => {
    expect(instanceOfApp("gentity-cmp1")).toBe("cmp1");
    expect(instanceOfApp("gentity-staging-cmp1")).toBeUndefined();
    expect(instanceOfApp("gentity-staging-cmp1", "gentity-staging")).toBe("cmp1");
    expect(instanceOfApp("somebody")).toBeUndefined();
  });
});

it("asks for an app on a network of its own", () => {
  expect(appBody(names, "acme")).toEqual({
    name: "gentity-cmp3x7k2m9q4",
    org_slug: "acme",
    network: "gentity-cmp3x7k2m9q4",
  });
});

it("asks for an encrypted volume where the machine will fit", () => {
  expect(volumeBody(target, names)).toEqual({
    name: "data_cmp3x7k2m9q4",
    region: "iad",
    size_gb: 10,
    encrypted: true,
    compute: { cpu_kind: "shared", cpus: 2, memory_mb: 2048 },
  });
});

it("asks for the machine", () => {
  expect(machineBody(target, names, recipe)).toEqual({
    name: "gentity-cmp3x7k2m9q4",
    region: "iad",
    config: {
      image: "ghcr.io/acme/agent@sha256:abc",
      env: { KEY: "secret" },
      guest: { cpu_kind: "shared", cpus: 2, memory_mb: 2048 },
      init: {
        entrypoint: [
          "/bin/sh",
          "-c",
          BOOT_SCRIPT,
          "gentity-boot",
          "1000",
          "1001",
          "/data",
          "",
          "1",
          "/data/a.json",
          "0600",
          "keep",
          "--",
        ],
        cmd: ["tini", "--", "serve", "it's $HOME"],
      },
      mounts: [{ volume: "vol_1", path: "/data" }],
      services: [
        {
          protocol: "tcp",
          internal_port: 8080,
          autostart: false,
          autostop: "off",
          concurrency: { type: "connections", soft_limit: 800, hard_limit: 1000 },
          ports: [
            { port: 80, handlers: ["http"], force_https: true },
            { port: 443, handlers: ["tls", "http"] },
          ],
        },
      ],
      files: [{ guest_path: "/.gentity/files/0", raw_value: "w6k=", mode: 0o444 }],
      metadata: { gentity_instance: "cmp3x7k2m9q4", gentity_account: "acc1", gentity_managed: "true" },
      restart: { policy: "on-failure", max_retries: 3 },
      stop_config: { signal: "SIGTERM", timeout: "30s" },
    },
  });
});

describe("a machine that serves nobody", () => {
  it("has no service, whatever its recipe listens on", () => {
    const { config } = machineBody({ ...target, exposure: "private" }, names, recipe);
    expect(config.services).toEqual([]);
  });
});

describe("a recipe that needs no preparation", () => {
  const plain: MachineRecipe = { image: "debian:12", dataPath: "/data", env: {}, files: [] };

  it("leaves the image as it is", () => {
    expect(machineBody(target, names, plain).config.init).toEqual({});
    expect(findRecipeProblem(plain)).toBeUndefined();
  });

  it("replaces only what it names", () => {
    expect(machineBody(target, names, { ...plain, command: ["sleep", "9"] }).config.init).toEqual({
      cmd: ["sleep", "9"],
    });
  });

  it("cannot be given a user without saying what that user runs", () => {
    expect(findRecipeProblem({ ...plain, user: { uid: 1, gid: 1 } })).toMatch(/must name its entrypoint/);
  });
});

it("knows what of a recipe is secret, in each of its spellings", () => {
  expect(secretsOf(recipe)).toEqual(["secret", "é", "w6k="]);
});
