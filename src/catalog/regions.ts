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

export const REGION_CITIES: Readonly<Record<Region, string>> = {
  ams: "Amsterdam",
  arn: "Stockholm",
  bom: "Mumbai",
  cdg: "Paris",
  dfw: "Dallas, TX",
  ewr: "Secaucus, NJ",
  fra: "Frankfurt",
  gru: "São Paulo",
  iad: "Ashburn, VA",
  jnb: "Johannesburg",
  lax: "Los Angeles, CA",
  lhr: "London",
  nrt: "Tokyo",
  ord: "Chicago, IL",
  sin: "Singapore",
  sjc: "San Jose, CA",
  syd: "Sydney",
  yyz: "Toronto",
};

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
