import type { MachineSpec } from "../providers/provider.ts";

interface GuestRule {
  cpus: readonly number[];
  minMbPerCpu: number;
  maxMbPerCpu: number;
}

/** What Fly accepts as a guest. */
const GUESTS = {
  shared: { cpus: [1, 2, 4, 6, 8], minMbPerCpu: 256, maxMbPerCpu: 2048 },
  performance: { cpus: [1, 2, 4, 6, 8, 10, 12, 14, 16], minMbPerCpu: 2048, maxMbPerCpu: 8192 },
} as const satisfies Record<MachineSpec["cpuKind"], GuestRule>;

export const MEMORY_STEP_MB = 256;
export const VOLUME_GB = { min: 1, max: 500 } as const;

/** Everything that is wrong with a size, each as a sentence for a person; empty when the vendor would take it. */
export function findSizeProblems(spec: MachineSpec): string[] {
  const problems: string[] = [];
  const guest: GuestRule | undefined = Object.hasOwn(GUESTS, spec.cpuKind) ? GUESTS[spec.cpuKind] : undefined;
  if (!guest) {
    problems.push(`cpuKind must be shared or performance, not "${spec.cpuKind}".`);
  } else if (!guest.cpus.includes(spec.cpus)) {
    problems.push(`cpus must be one of ${guest.cpus.join(", ")} for ${spec.cpuKind}, not ${spec.cpus}.`);
  } else {
    const min = guest.minMbPerCpu * spec.cpus;
    const max = guest.maxMbPerCpu * spec.cpus;
    if (!(spec.memoryMb >= min && spec.memoryMb <= max)) {
      problems.push(
        `memoryMb must be ${min} to ${max} with ${spec.cpus} ${spec.cpuKind} ${spec.cpus === 1 ? "cpu" : "cpus"}, not ${spec.memoryMb}.`,
      );
    }
  }
  if (spec.memoryMb % MEMORY_STEP_MB !== 0) {
    problems.push(`memoryMb must be a multiple of ${MEMORY_STEP_MB}, not ${spec.memoryMb}.`);
  }
  if (
    !(Number.isInteger(spec.volumeGb) && spec.volumeGb >= VOLUME_GB.min && spec.volumeGb <= VOLUME_GB.max)
  ) {
    problems.push(
      `volumeGb must be a whole number from ${VOLUME_GB.min} to ${VOLUME_GB.max}, not ${spec.volumeGb}.`,
    );
  }
  return problems;
}
