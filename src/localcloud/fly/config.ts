/** What a request may say. Unknown fields are kept and ignored, as the vendor does; the ones used are checked. */
import * as z from "zod";

const words = z.array(z.string());

export const guestSchema = z.looseObject({
  cpu_kind: z.enum(["shared", "performance"]).optional(),
  cpus: z.int().positive().optional(),
  memory_mb: z.int().positive().optional(),
  persist_rootfs: z.enum(["never", "always", "restart"]).optional(),
});

const initSchema = z.looseObject({
  exec: words.nullish(),
  entrypoint: words.nullish(),
  cmd: words.nullish(),
  swap_size_mb: z.int().optional(),
});

const processSchema = initSchema.extend({
  user: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
});

const fileSchema = z.looseObject({
  guest_path: z.string().startsWith("/"),
  raw_value: z.base64().optional(),
  secret_name: z.string().optional(),
  mode: z.int().optional(),
});

const mountSchema = z.looseObject({
  volume: z.string().optional(),
  name: z.string().optional(),
  path: z.string().startsWith("/"),
});

const serviceSchema = z.looseObject({
  protocol: z.string().optional(),
  internal_port: z.int().min(1).max(65535),
  autostart: z.boolean().optional(),
  // Answers of the vendor may still carry the older booleans, and are sent back to it.
  autostop: z.union([z.enum(["off", "stop", "suspend"]), z.boolean()]).optional(),
});

/** `config` of a machine. */
export const machineConfigSchema = z.looseObject({
  image: z.string().min(1),
  env: z.record(z.string(), z.string()).nullish(),
  guest: guestSchema.optional(),
  size: z.string().optional(),
  init: initSchema.nullish(),
  processes: z.array(processSchema).optional(),
  files: z.array(fileSchema).optional(),
  mounts: z.array(mountSchema).max(1, "only one volume can be mounted").optional(),
  services: z.array(serviceSchema).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  auto_destroy: z.boolean().optional(),
  schedule: z.string().optional(),
  restart: z
    .looseObject({
      policy: z.enum(["no", "always", "on-failure", "spot-price", ""]).optional(),
      max_retries: z.int().optional(),
    })
    .nullish(),
  stop_config: z.looseObject({ signal: z.string().optional(), timeout: z.string().optional() }).nullish(),
  rootfs: z.looseObject({ persist: z.enum(["never", "always", "restart"]).optional() }).nullish(),
});

export type MachineConfig = z.infer<typeof machineConfigSchema>;

export interface Guest {
  cpu_kind: "shared" | "performance";
  cpus: number;
  memory_mb: number;
}

/** Numbers of CPUs that can be had, and memory per CPU in megabytes. */
const SIZES = {
  shared: { cpus: [1, 2, 4, 6, 8], min: 256, max: 2048 },
  performance: { cpus: [1, 2, 4, 6, 8, 10, 12, 14, 16], min: 2048, max: 8192 },
} as const;

const PRESET = /^(shared-cpu|performance)-(\d+)x$/;

/** The size with the vendor's defaults, or the reason why there is no such size. */
export function resolveGuest({ guest, size }: MachineConfig): Guest | { error: string } {
  const preset = size?.match(PRESET);
  if (size && !preset) return { error: `invalid size "${size}"` };
  const kind = guest?.cpu_kind ?? (preset?.[1] === "performance" ? "performance" : "shared");
  const cpus = guest?.cpus ?? Number(preset?.[2] ?? 1);
  const limits = SIZES[kind];
  const memory = guest?.memory_mb ?? limits.min * cpus;
  if (!(limits.cpus as readonly number[]).includes(cpus)) {
    return { error: `invalid config.guest.cpus, ${kind} cpus must be one of ${limits.cpus.join(", ")}` };
  }
  if (memory % 256 !== 0) return { error: "invalid config.guest.memory_mb, must be in a 256 MiB increment" };
  if (memory < limits.min * cpus || memory > limits.max * cpus) {
    const range = `${limits.min * cpus} and ${limits.max * cpus}`;
    return { error: `invalid config.guest.memory_mb, must be between ${range} for ${cpus} ${kind} cpus` };
  }
  return { cpu_kind: kind, cpus, memory_mb: memory };
}

/** "30s", "1m30s", or a bare number of nanoseconds as Go writes a duration. */
export function durationMs(text: string | number): number | undefined {
  if (typeof text === "number") return text / 1e6;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, number, name]) => sum + Number(number) * unit[name as keyof typeof unit],
    0,
  );
}
