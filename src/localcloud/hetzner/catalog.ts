/** What the vendor sells. Sizes, prices and places are its own; here they all are this computer. */
export interface Location {
  id: number;
  name: string;
  description: string;
  country: string;
  city: string;
  latitude: number;
  longitude: number;
  network_zone: string;
}

const location = (
  [id, name, city, country]: [number, string, string, string],
  [latitude, longitude]: [number, number],
  zone: string,
): Location => ({
  id,
  name,
  description: `${city} DC Park 1`,
  country,
  city,
  latitude,
  longitude,
  network_zone: zone,
});

export const LOCATIONS: readonly Location[] = [
  location([1, "fsn1", "Falkenstein", "DE"], [50.47612, 12.370071], "eu-central"),
  location([2, "nbg1", "Nuremberg", "DE"], [49.452102, 11.076665], "eu-central"),
  location([3, "hel1", "Helsinki", "FI"], [60.169855, 24.938379], "eu-central"),
  location([4, "ash", "Ashburn, VA", "US"], [39.045821, -77.487073], "us-east"),
  location([5, "hil", "Hillsboro, OR", "US"], [45.54222, -122.951924], "us-west"),
  location([6, "sin", "Singapore", "SG"], [1.283333, 103.833333], "ap-southeast"),
];

const EUROPE = ["fsn1", "nbg1", "hel1"];
const AMERICA = ["ash", "hil"];
const ASIA = ["sin"];

export interface ServerType {
  id: number;
  name: string;
  cores: number;
  memoryGb: number;
  diskGb: number;
  cpuType: "shared" | "dedicated";
  /** Per hour, without taxes. [?] The order of magnitude only: nothing is paid here. */
  hourly: string;
  locations: readonly string[];
}

const type = (
  id: number,
  name: string,
  [cores, memoryGb, diskGb]: [number, number, number],
  hourly: string,
  locations: readonly string[],
): ServerType => ({
  id,
  name,
  cores,
  memoryGb,
  diskGb,
  cpuType: name.startsWith("ccx") ? "dedicated" : "shared",
  hourly,
  locations,
});

const ALL = [...EUROPE, ...AMERICA, ...ASIA];

export const SERVER_TYPES: readonly ServerType[] = [
  type(114, "cx23", [2, 4, 40], "0.0088", EUROPE),
  type(115, "cx33", [4, 8, 80], "0.0136", EUROPE),
  type(116, "cx43", [8, 16, 160], "0.0256", EUROPE),
  type(117, "cx53", [16, 32, 320], "0.0500", EUROPE),
  type(22, "cpx11", [2, 2, 40], "0.0250", AMERICA),
  type(23, "cpx21", [3, 4, 80], "0.0513", AMERICA),
  type(24, "cpx31", [4, 8, 160], "0.1001", AMERICA),
  type(25, "cpx41", [8, 16, 240], "0.1931", AMERICA),
  type(108, "cpx12", [1, 2, 40], "0.0200", ASIA),
  type(109, "cpx22", [2, 4, 80], "0.0312", [...EUROPE, ...ASIA]),
  type(110, "cpx32", [4, 8, 160], "0.0569", [...EUROPE, ...ASIA]),
  type(111, "cpx42", [8, 16, 320], "0.1114", [...EUROPE, ...ASIA]),
  type(96, "ccx13", [2, 8, 80], "0.0689", ALL),
  type(97, "ccx23", [4, 16, 160], "0.1378", ALL),
  type(98, "ccx33", [8, 32, 240], "0.2219", ALL),
  type(99, "ccx43", [16, 64, 360], "0.4400", ALL),
  type(100, "ccx53", [32, 128, 600], "0.8800", ALL),
  type(101, "ccx63", [48, 192, 960], "1.3200", ALL),
];

export interface Image {
  id: number;
  name: string;
  description: string;
  flavor: "debian" | "ubuntu";
  version: string;
}

export const IMAGES: readonly Image[] = [
  { id: 114690387, name: "debian-12", description: "Debian 12", flavor: "debian", version: "12" },
  { id: 310557660, name: "debian-13", description: "Debian 13", flavor: "debian", version: "13" },
  { id: 161547269, name: "ubuntu-24.04", description: "Ubuntu 24.04", flavor: "ubuntu", version: "24.04" },
];

/** Resources are named by their name or by their id. */
function find<T extends { id: number; name: string }>(list: readonly T[], wanted: string): T | undefined {
  return list.find(({ id, name }) => name === wanted || String(id) === wanted);
}

export const findLocation = (wanted: string) => find(LOCATIONS, wanted);
export const findServerType = (wanted: string) => find(SERVER_TYPES, wanted);
export const findImage = (wanted: string) => find(IMAGES, wanted);

const HOURS_A_MONTH = 624;

const price = (net: number, digits = 10) => ({ net: net.toFixed(digits), gross: net.toFixed(digits) });

function pricesOf({ hourly, locations }: ServerType) {
  return locations.map((name) => ({
    location: name,
    price_hourly: price(Number(hourly)),
    price_monthly: price(Number(hourly) * HOURS_A_MONTH),
    included_traffic: 21_990_232_555_520,
    price_per_tb_traffic: price(1),
  }));
}

export function serverTypeView(serverType: ServerType) {
  const { id, name, cores, memoryGb, diskGb, cpuType, locations } = serverType;
  return {
    id,
    name,
    description: name.toUpperCase(),
    category: cpuType === "shared" ? "cost_optimized" : "general_purpose",
    cores,
    memory: memoryGb,
    disk: diskGb,
    deprecated: false,
    deprecation: null,
    locations: LOCATIONS.filter((place) => locations.includes(place.name)).map((place) => ({
      id: place.id,
      name: place.name,
      available: true,
      recommended: true,
      deprecation: null,
    })),
    prices: pricesOf(serverType),
    storage_type: "local",
    cpu_type: cpuType,
    architecture: "x86",
  };
}

export function imageView({ id, name, description, flavor, version }: Image) {
  return {
    id,
    type: "system",
    status: "available",
    name,
    description,
    image_size: null,
    disk_size: 5,
    created: "2026-01-01T00:00:00+00:00",
    created_from: null,
    bound_to: null,
    os_flavor: flavor,
    os_version: version,
    rapid_deploy: true,
    protection: { delete: false },
    deprecated: null,
    deleted: null,
    labels: {},
    architecture: "x86",
  };
}

export function pricingView() {
  const everywhere = LOCATIONS.map(({ name }) => name);
  return {
    currency: "EUR",
    vat_rate: "0.00",
    image: { price_per_gb_month: price(0.011) },
    volume: { price_per_gb_month: price(0.0572) },
    server_backup: { percentage: "20.0000000000" },
    floating_ip: { price_monthly: price(3) },
    floating_ips: [
      { type: "ipv4", prices: everywhere.map((place) => ({ location: place, price_monthly: price(3) })) },
    ],
    primary_ips: [
      {
        type: "ipv4",
        prices: everywhere.map((place) => ({
          location: place,
          price_hourly: price(0.0008),
          price_monthly: price(0.5),
        })),
      },
    ],
    load_balancer_types: [],
    server_types: SERVER_TYPES.map((serverType) => ({
      id: serverType.id,
      name: serverType.name,
      prices: pricesOf(serverType),
    })),
  };
}
