/** Which size of server can be had where, asked of the vendor at the moment it matters. */
import { isLocation, serverTypesFor, VOLUME_GB, volumeSizeOf } from "../catalog.ts";
import type { Answer } from "../client.ts";
import type { StepContext, StepOutcome } from "./context.ts";

export interface Placement {
  serverType: string;
  location: string;
}

/**
 * What is big enough and can be ordered, the cheapest size first and for each size the nearest location first: nobody pays
 * for more than was asked for while the right size is in stock in the same zone. Empty when nothing is.
 */
export async function findPlacements(
  ctx: StepContext,
  locations: readonly string[],
): Promise<Answer<Placement[]>> {
  const { spec } = ctx.target;
  const sold = await ctx.api.listServerTypes();
  if (!sold.ok) return sold;
  const isAvailable = ({ serverType, location }: Placement): boolean =>
    sold.value.some(
      (type) =>
        type.name === serverType &&
        type.locations.some((place) => place.name === location && place.available !== false),
    );
  const names = [
    ...new Set(locations.flatMap((location) => serverTypesFor(spec, location).map(({ name }) => name))),
  ];
  const wanted = names.flatMap((serverType) =>
    locations
      .filter((location) => serverTypesFor(spec, location).some(({ name }) => name === serverType))
      .map((location) => ({ serverType, location })),
  );
  return { ok: true, value: wanted.filter(isAvailable) };
}

/** What no waiting will change. */
export function findSpecProblem({ target }: StepContext): StepOutcome | undefined {
  const { spec, region } = target;
  if (target.sourceVolume !== undefined) {
    return {
      type: "rejected",
      code: "unsupported",
      message: "Hetzner cannot copy a volume",
      hint: "Clone the instance without its data, or use the provider fly.",
    };
  }
  const invalid = (message: string, hint: string): StepOutcome => ({
    type: "rejected",
    code: "invalid_spec",
    message,
    hint,
  });
  if (volumeSizeOf(spec) > VOLUME_GB.most) {
    return invalid(`Hetzner's volumes have at most ${VOLUME_GB.most} GB`, "Ask for less.");
  }
  if (serverTypesFor(spec, region).length > 0) return undefined;
  return isLocation(region)
    ? invalid(
        `Hetzner sells no server with ${spec.cpus} ${spec.cpuKind} CPUs and ${spec.memoryMb} MB in ${region}`,
        "Choose a smaller size, or another region.",
      )
    : invalid(`Hetzner has no location "${region}"`, "Choose one of its locations, such as nbg1.");
}

export function noRoom({ target }: StepContext, where: string = target.region): StepOutcome {
  const { cpus, cpuKind, memoryMb } = target.spec;
  return {
    type: "rejected",
    code: "no_capacity",
    message: `Hetzner has no server with ${cpus} ${cpuKind} CPUs and ${memoryMb} MB to offer in or near ${where}`,
    hint: "Choose another region or size, or try again later.",
  };
}
