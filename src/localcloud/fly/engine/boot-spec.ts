import { join } from "node:path";
import type { ResolvedImage } from "../../images/image.ts";
import type { BootSpec } from "../../runtime/runtime.ts";
import { type Guest, type MachineConfig, resolveGuest } from "../config.ts";
import type { MachineRecord } from "../records.ts";

export interface Places {
  machineDir: string;
  volumeDir(volume: string): string;
}

/** What the machine runs: `exec` stands for everything; else entrypoint and command each replace the image's own. */
export function commandOf(config: MachineConfig, image: ResolvedImage): string[] {
  const override = config.processes?.[0] ?? config.init ?? {};
  const { exec, entrypoint, cmd } = override;
  const configured = [exec, entrypoint, cmd].some((words) => words && words.length > 0);
  const argv = exec?.length ? exec : [...(entrypoint ?? image.entrypoint), ...(cmd ?? image.cmd)];
  return configured && image.bundledCommand ? image.bundledCommand(argv) : argv;
}

/** A size was accepted when the configuration was. */
export function guestOf(config: MachineConfig): Guest {
  const guest = resolveGuest(config);
  if ("error" in guest) throw new Error(guest.error);
  return guest;
}

function environment({
  app,
  id,
  region,
  privateIp,
  instanceId,
  config,
}: MachineRecord): Record<string, string> {
  return {
    PRIMARY_REGION: region,
    ...config.env,
    ...config.processes?.[0]?.env,
    FLY_APP_NAME: app,
    FLY_MACHINE_ID: id,
    FLY_ALLOC_ID: id,
    FLY_MACHINE_VERSION: instanceId,
    FLY_REGION: region,
    FLY_PRIVATE_IP: privateIp,
    FLY_IMAGE_REF: config.image,
    FLY_VM_MEMORY_MB: String(guestOf(config).memory_mb),
  };
}

type Persistence = "never" | "restart" | "always";

/** Why the machine boots, which decides whether its root disk is kept. */
export type BootReason = "start" | "restart";

function persistence(config: MachineConfig): Persistence {
  return config.rootfs?.persist ?? config.guest?.persist_rootfs ?? "never";
}

export function keepsRootDisk({ config, keepRootDisk }: MachineRecord, reason: BootReason): boolean {
  const persist = persistence(config);
  return keepRootDisk === true || persist === "always" || persist === reason;
}

export function bootSpec(
  record: MachineRecord,
  image: ResolvedImage,
  { machineDir, volumeDir }: Places,
  reason: BootReason,
): BootSpec {
  const { config } = record;
  const guest = guestOf(config);
  return {
    machineId: record.id,
    image,
    argv: commandOf(config, image),
    env: environment(record),
    workdir: image.workdir ?? "/",
    user: config.processes?.[0]?.user,
    files: (config.files ?? []).map(({ guest_path, raw_value, mode }) => ({
      path: guest_path,
      content: Buffer.from(raw_value ?? "", "base64"),
      mode,
    })),
    mounts: (config.mounts ?? []).flatMap(({ volume, path }) =>
      volume ? [{ from: join(volumeDir(volume), "data"), to: path }] : [],
    ),
    machineDir,
    keepRootDisk: keepsRootDisk(record, reason),
    mayKeepRootDisk: persistence(config) !== "never",
    ports: [...new Set((config.services ?? []).map((service) => service.internal_port))],
    limits: { memoryMb: guest.memory_mb, cpus: guest.cpus },
  };
}
