export interface Region {
  code: string;
  name: string;
  latitude: number;
  longitude: number;
  geoRegion: string;
}

const region = (
  code: string,
  name: string,
  latitude: number,
  longitude: number,
  geoRegion: string,
): Region => ({
  code,
  name,
  latitude,
  longitude,
  geoRegion,
});

/** The vendor's regions. Here they all are this computer; a volume is pinned to its region all the same. */
export const REGIONS: readonly Region[] = [
  region("ams", "Amsterdam, Netherlands", 52.37, 4.9, "europe"),
  region("arn", "Stockholm, Sweden", 59.65, 17.92, "europe"),
  region("bom", "Mumbai, India", 19.1, 72.88, "asia_pacific"),
  region("cdg", "Paris, France", 48.86, 2.35, "europe"),
  region("dfw", "Dallas, Texas (US)", 32.78, -96.8, "north_america"),
  region("ewr", "Secaucus, NJ (US)", 40.79, -74.06, "north_america"),
  region("fra", "Frankfurt, Germany", 50.11, 8.68, "europe"),
  region("gru", "Sao Paulo, Brazil", -23.55, -46.64, "south_america"),
  region("iad", "Ashburn, Virginia (US)", 39.02, -77.54, "north_america"),
  region("jnb", "Johannesburg, South Africa", -26.13, 28.23, "africa"),
  region("lax", "Los Angeles, California (US)", 33.94, -118.41, "north_america"),
  region("lhr", "London, United Kingdom", 51.47, -0.46, "europe"),
  region("nrt", "Tokyo, Japan", 35.62, 139.75, "asia_pacific"),
  region("ord", "Chicago, Illinois (US)", 41.89, -87.64, "north_america"),
  region("sin", "Singapore, Singapore", 1.3, 103.85, "asia_pacific"),
  region("sjc", "San Jose, California (US)", 37.35, -121.93, "north_america"),
  region("syd", "Sydney, Australia", -33.87, 151.21, "asia_pacific"),
  region("yyz", "Toronto, Canada", 43.64, -79.4, "north_america"),
];

export const DEFAULT_REGION = "iad";

export function isRegion(code: string): boolean {
  return REGIONS.some((region) => region.code === code);
}
