import { networkInterfaces } from "node:os";
import { describe, it } from "vitest";
import { EgressRefusedError, egressPolicy } from "./policy.ts";

const policy = egressPolicy(
  ["localhost:11434", "10.0.0.5:80", "127.0.0.1:9000", "*.my.localhost:8787"],
  () => [9000],
);

describe("the way out", () => {
  it.for(["1.1.1.1", "2606:4700:4700::1111", "203.0.113.7"])("is open to %s", async (address, { expect }) => {
    expect(await policy.resolve(address, 443)).toEqual([address]);
  });

  it.for([
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.20.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "fd00::1",
    "fe80::1%eth0",
    "localhost",
    "anything.localhost",
    "LOCALHOST.",
  ])("is closed to %s", async (host, { expect }) => {
    await expect(policy.resolve(host, 443)).rejects.toThrow(EgressRefusedError);
  });

  it("is closed to this computer's own addresses", async ({ expect }) => {
    for (const { address } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      await expect(policy.resolve(address, 443)).rejects.toThrow(EgressRefusedError);
    }
  });

  it("is open to an exception, at its port only", async ({ expect }) => {
    expect(await policy.resolve("localhost", 11434)).toEqual(["127.0.0.1"]);
    expect(await policy.resolve("10.0.0.5", 80)).toEqual(["10.0.0.5"]);
    await expect(policy.resolve("10.0.0.5", 81)).rejects.toThrow(EgressRefusedError);
  });

  it("is open to every name below an exception, and to nothing that only looks alike", async ({ expect }) => {
    expect(await policy.resolve("A.my.localhost", 8787)).toEqual(["127.0.0.1"]);
    for (const [host, port] of [
      ["my.localhost", 8787],
      ["evilmy.localhost", 8787],
      ["a.my.localhost", 8788],
    ] as const) {
      await expect(policy.resolve(host, port)).rejects.toThrow(EgressRefusedError);
    }
  });

  it("knows no exception for the cloud's own ports", async ({ expect }) => {
    await expect(policy.resolve("127.0.0.1", 9000)).rejects.toThrow(EgressRefusedError);
  });
});
