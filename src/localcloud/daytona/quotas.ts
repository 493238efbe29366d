import { quotaExceeded, sandboxTooBig } from "./errors.ts";
import type { SandboxRecord } from "./records.ts";
import { usesCompute, usesDisk } from "./states.ts";

export interface Size {
  cpu: number;
  /** Memory and disk in GiB. */
  memory: number;
  disk: number;
}

/** The vendor's third tier: one that a deployment would have. */
export const DEFAULT_QUOTA: Size = { cpu: 250, memory: 500, disk: 2000 };
const PER_SANDBOX: Size = { cpu: 4, memory: 8, disk: 10 };
export const DEFAULT_SIZE: Size = { cpu: 1, memory: 1, disk: 3 };

const LABELS = {
  cpu: { name: "CPU", unit: "" },
  memory: { name: "memory", unit: "GiB" },
  disk: { name: "disk", unit: "GiB" },
} as const;

const DIMENSIONS = ["cpu", "memory", "disk"] as const;

/** @throws DaytonaError when one sandbox of this size, or one more, is too much. */
export function checkQuota(wanted: Size, others: Iterable<SandboxRecord>, quota: Size): void {
  const all = [...others];
  for (const dimension of DIMENSIONS) {
    const { name, unit } = LABELS[dimension];
    const most = PER_SANDBOX[dimension];
    if (wanted[dimension] > most) {
      const what = name === "CPU" ? name : name[0]?.toUpperCase() + name.slice(1);
      throw sandboxTooBig(what, `${wanted[dimension]}${unit}`, `${most}${unit}`);
    }
    const counts = dimension === "disk" ? usesDisk : usesCompute;
    const used = all.filter(({ state }) => counts(state)).reduce((sum, record) => sum + record[dimension], 0);
    if (used + wanted[dimension] > quota[dimension]) throw quotaExceeded(name, `${quota[dimension]}${unit}`);
  }
}
