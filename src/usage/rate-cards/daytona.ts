import type { RateCard } from "../rate-card.ts";

/** The vendor does not tell shared CPUs from dedicated ones. */
const CPU = 14_000_000;

export const DAYTONA_CARDS: readonly RateCard[] = [
  {
    version: "daytona-2026-05",
    provider: "daytona",
    effectiveFrom: "1970-01-01",
    source: "https://www.daytona.io/pricing",
    retrieved: "2026-05-01",
    doubtful: [
      "Read from a third party's copy of the page: $0.0504 per vCPU, $0.0162 per GiB of memory and $0.000108 per GiB of disk an hour.",
      "The day in May on which it was read is not known.",
    ],
    excluded: ["the five GiB of disk that are free", "snapshots", "taxes"],
    base: { sharedCpu: CPU, performanceCpu: CPU, memoryGb: 4_500_000, volumeGb: 30_000 },
    regions: {},
  },
];
