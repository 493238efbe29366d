/** Fly's regions. The public command line still lists `sea` and `hkg`, which Fly has closed. */
export const REGIONS = [
  "ams",
  "arn",
  "bom",
  "cdg",
  "dfw",
  "ewr",
  "fra",
  "gru",
  "iad",
  "jnb",
  "lax",
  "lhr",
  "nrt",
  "ord",
  "sin",
  "sjc",
  "syd",
  "yyz",
] as const;
export type Region = (typeof REGIONS)[number];

export const DEFAULT_REGION: Region = "iad";

/** Where to go instead of a region that Fly no longer has. */
const CLOSED: Readonly<Record<string, Region>> = { sea: "sjc", hkg: "sin" };

export function isRegion(text: string): text is Region {
  return REGIONS.some((region) => region === text);
}

/** Why there can be no machine in this region, and where there can; nothing if there can. */
export function findRegionProblem(region: string): string | undefined {
  if (isRegion(region)) {
    return undefined;
  }
  const offered = `Offered: ${REGIONS.join(", ")}.`;
  const nearest = Object.hasOwn(CLOSED, region) ? CLOSED[region] : undefined;
  return nearest
    ? `The region "${region}" has been closed by Fly; the nearest is "${nearest}". ${offered}`
    : `There is no region "${region}". ${offered}`;
}
