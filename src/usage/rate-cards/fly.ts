import type { RateCard } from "../rate-card.ts";

export const FLY_CARDS: readonly RateCard[] = [
  {
    version: "fly-2025-08-19",
    provider: "fly",
    effectiveFrom: "1970-01-01",
    source: "https://fly.io/docs/about/pricing/",
    retrieved: "2025-08-19",
    doubtful: [
      "Read from an archived copy of the page; iad, sjc and syd were confirmed by later quotes, the other regions were not.",
      "Volumes are $0.15 per GB and month; a month is taken as 30 days.",
    ],
    excluded: [
      "root file systems of stopped machines",
      "snapshots",
      "egress",
      "dedicated addresses",
      "taxes",
    ],
    base: { sharedCpu: 267_500, performanceCpu: 8_100_000, memoryGb: 1_930_000, volumeGb: 57_870 },
    regions: {
      ams: 1_038_462,
      arn: 1_038_462,
      bom: 1_076_923,
      cdg: 1_134_615,
      dfw: 1_250_000,
      ewr: 1_000_000,
      fra: 1_153_846,
      gru: 1_615_385,
      iad: 1_000_000,
      jnb: 1_302_885,
      lax: 1_199_519,
      lhr: 1_134_615,
      nrt: 1_307_692,
      ord: 1_250_000,
      sin: 1_269_231,
      sjc: 1_192_308,
      syd: 1_269_231,
      yyz: 1_115_385,
    },
  },
];
