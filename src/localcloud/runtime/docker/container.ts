/** Pure: what we want, in the engine's request bodies. */
import { PROCESS_LIMIT } from "../cgroups.ts";
import type { BootSpec } from "../runtime.ts";

/** On everything we make in the engine, which is others' as well. */
export const LABEL = {
  scope: "gentity.localcloud.scope",
  machine: "gentity.localcloud.machine",
  /** Its root disk may be wanted after its end. */
  keepsDisk: "gentity.localcloud.keeps-disk",
} as const;

/** How the proxy gets to a machine's ports: at its address on the engine's bridge, or by ports of this computer. */
export type Reach = "bridge" | "published";

export interface Place {
  scope: string;
  /** A network of the cloud's own, in which machines do not see each other. */
  network: string;
  reach: Reach;
  /** How many the engine has; it refuses to promise more. */
  cpus: number;
}

export function containerName(scope: string, machineId: string): string {
  return `${scope}-${machineId}`;
}

/** The root disk of a machine without a container, as an image. */
export function diskImage(scope: string, machineId: string): string {
  return `${scope}/${machineId}:disk`;
}

export function scopeFilter(scope: string): string {
  return JSON.stringify({ label: [`${LABEL.scope}=${scope}`] });
}

const portKey = (port: number): string => `${port}/tcp`;

export function containerBody(spec: BootSpec, image: string, { scope, network, reach, cpus }: Place) {
  const { machineId, argv, env, user, mounts, ports, limits } = spec;
  const published = reach === "published" ? ports : [];
  const memory = limits.memoryMb * 2 ** 20;
  return {
    Image: image,
    Hostname: machineId,
    // The image's own entrypoint and command were taken into account already.
    Entrypoint: argv,
    Cmd: [],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(user ? { User: user } : {}),
    Labels: {
      [LABEL.scope]: scope,
      [LABEL.machine]: machineId,
      ...(spec.mayKeepRootDisk ? { [LABEL.keepsDisk]: "yes" } : {}),
    },
    ExposedPorts: Object.fromEntries(published.map((port) => [portKey(port), {}])),
    HostConfig: {
      // The vendor's machines have a first process of the vendor's too: signals work as for any other process.
      Init: true,
      NetworkMode: network,
      PortBindings: Object.fromEntries(
        published.map((port) => [portKey(port), [{ HostIp: "127.0.0.1", HostPort: "" }]]),
      ),
      Mounts: mounts.map(({ from, to }) => ({ Type: "bind", Source: from, Target: to })),
      Memory: memory,
      // With swap counted in: there is none.
      MemorySwap: memory,
      NanoCpus: Math.min(limits.cpus, cpus) * 1e9,
      PidsLimit: PROCESS_LIMIT,
      // The lines are read as they come and kept by the cloud.
      LogConfig: { Type: "none" },
    },
  };
}

/** What `inspect` tells of a container, as much as is looked at. */
export interface ContainerView {
  State: { Running: boolean; Paused: boolean; ExitCode: number; OOMKilled: boolean };
  NetworkSettings: {
    Networks: Record<string, { IPAddress: string } | undefined>;
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
  };
}

export interface Address {
  host: string;
  port: number;
}

/** Where a port of the machine is reached from here; nowhere, if it was not published. */
export function addressOf(
  { NetworkSettings: { Networks, Ports } }: ContainerView,
  port: number,
  { network, reach }: Place,
): Address | undefined {
  if (reach === "published") {
    const [binding] = Ports[portKey(port)] ?? [];
    return binding && { host: "127.0.0.1", port: Number(binding.HostPort) };
  }
  const host = Networks[network]?.IPAddress;
  return host ? { host, port } : undefined;
}
