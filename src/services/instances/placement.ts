import { DEFAULT_REGION, findRegionProblem, isRegion } from "../../catalog/regions.ts";
import { findSizeProblems } from "../../catalog/sizes.ts";
import type { Config } from "../../env.ts";
import { AppError } from "../../errors.ts";
import {
  HETZNER_LOCATIONS,
  isLocation,
  serverTypeFor,
  serverTypesFor,
  volumeSizeOf,
} from "../../providers/hetzner/catalog.ts";
import type { MachineSpec } from "../../providers/provider.ts";
import { HOW_TO_CONFIGURE } from "../../provisioning/how-to-configure.ts";

/** Where instances with a public URL can be. */
export const PUBLIC_PROVIDERS = ["fly", "hetzner"] as const;
export type PublicProvider = (typeof PUBLIC_PROVIDERS)[number];

export interface Placement {
  provider: PublicProvider;
  region: string;
  /** What is really made, and so what is counted: a vendor that sells sizes gives the next one up. */
  spec: MachineSpec;
}

/** In the European Union, and where the vendor's prices are lowest. */
const DEFAULT_LOCATION = "fsn1";

/**
 * The provider that is named, else the one that has the region, else the deployment's default: Hetzner where it is
 * configured.
 * @throws not_configured, unknown_region, invalid_size
 */
export function choosePlacement(
  config: Config,
  wanted: { provider?: PublicProvider; region?: string; spec: MachineSpec },
): Placement {
  const provider = wanted.provider ?? providerOf(config, wanted.region);
  if (!config[provider]) {
    throw new AppError("not_configured", `The provider "${provider}" is not configured.`, {
      hint: HOW_TO_CONFIGURE[provider],
    });
  }
  return provider === "fly" ? placeAtFly(wanted) : placeAtHetzner(wanted);
}

function providerOf(config: Config, region: string | undefined): PublicProvider {
  if (!config.fly && !config.hetzner) {
    throw new AppError("not_configured", "No provider is configured, so no machine can be made.", {
      hint: `${HOW_TO_CONFIGURE.fly} Or: ${HOW_TO_CONFIGURE.hetzner}`,
    });
  }
  const preferred: PublicProvider = config.defaultProvider ?? "hetzner";
  const other: PublicProvider = preferred === "hetzner" ? "fly" : "hetzner";
  const serves = (provider: PublicProvider) =>
    config[provider] !== undefined &&
    (region === undefined || (provider === "fly" ? isRegion(region) : isLocation(region)));
  return [preferred, other].find((provider) => serves(provider)) ?? (config[preferred] ? preferred : other);
}

function placeAtFly({ region = DEFAULT_REGION, spec }: { region?: string; spec: MachineSpec }): Placement {
  const regionProblem = findRegionProblem(region);
  if (regionProblem) {
    throw new AppError("unknown_region", regionProblem);
  }
  const sizeProblems = findSizeProblems(spec);
  if (sizeProblems.length > 0) {
    throw new AppError("invalid_size", sizeProblems.join(" "));
  }
  return { provider: "fly", region, spec };
}

function placeAtHetzner({
  region = DEFAULT_LOCATION,
  spec,
}: {
  region?: string;
  spec: MachineSpec;
}): Placement {
  if (!isLocation(region)) {
    throw new AppError("unknown_region", `Hetzner has no location "${region}".`, {
      hint: `One of: ${Object.keys(HETZNER_LOCATIONS).join(", ")}.`,
    });
  }
  const type = serverTypeFor(spec, region);
  if (!type) {
    const [largest] = serverTypesFor({ ...spec, cpus: 1, memoryMb: 1 }, region).toSorted(
      (a, b) => b.memoryMb - a.memoryMb,
    );
    throw new AppError(
      "invalid_size",
      `Hetzner sells no ${spec.cpuKind} server in ${region} with ${spec.cpus} CPUs and ${spec.memoryMb} MB.`,
      {
        hint: largest
          ? `The largest there has ${largest.cpus} CPUs and ${largest.memoryMb} MB.`
          : "Try another kind of CPU.",
      },
    );
  }
  const { cpuKind, cpus, memoryMb } = type;
  return { provider: "hetzner", region, spec: { cpuKind, cpus, memoryMb, volumeGb: volumeSizeOf(spec) } };
}
