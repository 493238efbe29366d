/** Where a machine may go. The vendor's machines see the internet and not the owner's desk; so it is here. */
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

const CLOSED: [address: string, prefix: number, family: "ipv4" | "ipv6"][] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 128, "ipv6"],
  ["::1", 128, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

export interface EgressPolicy {
  /** Addresses to connect to, in order; a refusal is an error with a reason for people. */
  resolve(host: string, port: number): Promise<string[]>;
}

export class EgressRefusedError extends Error {}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  // Names below localhost are loopback by definition, and not every resolver knows.
  if (/(^|\.)localhost\.?$/i.test(host)) return ["127.0.0.1"];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function names(entry: string, host: string, port: number): boolean {
  const below = entry.startsWith("*.") && `${host.toLowerCase()}:${port}`.endsWith(entry.slice(1));
  return below || entry === `${host}:${port}`;
}

/**
 * @param allowed `host:port` pairs of this computer or its network that machines may reach all the same, a local model say;
 *   `*.host:port` is every name below it.
 * @param forbiddenPorts ports of the program's own: no exception opens them.
 */
export function egressPolicy(
  allowed: readonly string[],
  forbiddenPorts: () => readonly number[],
): EgressPolicy {
  const closed = new BlockList();
  for (const [address, prefix, family] of CLOSED) closed.addSubnet(address, prefix, family);
  const isClosed = (address: string): boolean => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
    const own = Object.values(networkInterfaces()).some((list) =>
      list?.some((entry) => entry.address === plain),
    );
    return own || closed.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
  };
  return {
    async resolve(host, port) {
      const addresses = await addressesOf(host);
      const isOwnPort = forbiddenPorts().includes(port);
      if (allowed.some((entry) => names(entry, host, port)) && !isOwnPort) return addresses;
      // One closed address among several is a name that means harm or the desk; both are refused whole.
      if (addresses.length === 0 || addresses.some(isClosed)) {
        throw new EgressRefusedError(`${host}:${port} is not on the internet; machines reach nothing else`);
      }
      return addresses;
    },
  };
}
