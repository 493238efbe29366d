import { currentRelease, listAgents } from "../../catalog/catalog.ts";
import { DEFAULT_REGION, REGIONS } from "../../catalog/regions.ts";
import { MEMORY_STEP_MB, VOLUME_GB } from "../../catalog/sizes.ts";
import { table } from "../../docs/api-reference.ts";
import { HETZNER_LOCATIONS, type HetznerLocation, SERVER_TYPES } from "../../providers/hetzner/catalog.ts";
import { findRates, flattenCards, machineRate, type PricedSpec, RATE_CARDS } from "../../usage/rate-card.ts";

const RATES = flattenCards(RATE_CARDS);
const PICO = 1e12;
const HOUR = 3600;
const MONTH = 30 * 24 * HOUR;

const dollars = (pico: number, digits: number) => `$${(pico / PICO).toFixed(digits)}`;

/** Pico-dollars a second of a machine, by the newest card. */
function priceOf(provider: string, region: string, spec: PricedSpec): number {
  const rates = findRates(RATES, { provider, region, day: Number.MAX_SAFE_INTEGER - 1, spec });
  if (!rates) throw new Error(`no price in ${region} at ${provider}`);
  return machineRate(rates, spec);
}

export function writeFlyRegions(): string {
  const small = { cpuKind: "shared", cpus: 1, memoryMb: 2048, volumeGb: 5 };
  const large = { cpuKind: "performance", cpus: 2, memoryMb: 4096, volumeGb: 10 };
  return table(
    ["region", "1 shared vCPU, 2048 MB, an hour", "2 performance vCPU, 4096 MB, an hour"],
    REGIONS.map((region) => [
      region === DEFAULT_REGION ? `\`${region}\` (default)` : `\`${region}\``,
      dollars(priceOf("fly", region, small) * HOUR, 4),
      dollars(priceOf("fly", region, large) * HOUR, 4),
    ]),
  );
}

export function writeHetznerRegions(): string {
  return table(
    ["region", "where", "zone"],
    Object.entries(HETZNER_LOCATIONS).map(([name, { city, country, zone }]) => [
      `\`${name}\``,
      `${city}, ${country}`,
      zone,
    ]),
  );
}

/** What is sold, where a price is known. */
export function writeServers(): string {
  const places: [string, HetznerLocation][] = [
    ["Germany, Finland", "fsn1"],
    ["USA", "ash"],
    ["Singapore", "sin"],
  ];
  const rows = places.flatMap(([where, region]) =>
    SERVER_TYPES[region]
      .filter(({ hourly }) => hourly.eurMicros !== null)
      .map(({ name, cpuKind, cpus, memoryMb }) => {
        const spec = { cpuKind, cpus, memoryMb, volumeGb: 10 };
        return [
          where,
          `\`${name}\``,
          `${cpus} ${cpuKind}, ${memoryMb} MB`,
          dollars(priceOf("hetzner", region, spec) * HOUR, 4),
        ];
      }),
  );
  return table(["where", "server", "size", "counted as, an hour"], rows);
}

export function writeVolumePrices(): string {
  return table(
    ["provider", "volume, a GB and month of 30 days"],
    RATE_CARDS.map(({ provider, base }) => [provider, dollars(base.volumeGb * MONTH, 3)]),
  );
}

/** What the agents cost an hour where they go by default. */
export function writeAgentPrices(): string {
  return table(
    ["agent", "size", "at Fly, `iad`", "at Hetzner, `fsn1`"],
    listAgents().map((agent) => [
      agent.name,
      `${agent.size.cpus} ${agent.size.cpuKind}, ${agent.size.memoryMb} MB`,
      dollars(priceOf("fly", DEFAULT_REGION, agent.size) * HOUR, 4),
      dollars(priceOf("hetzner", "fsn1", serverSize(agent.size)) * HOUR, 4),
    ]),
  );
}

/** The size of the server that a spec becomes, which is what is billed. */
function serverSize(spec: PricedSpec): PricedSpec {
  const type = SERVER_TYPES.fsn1.find(
    ({ cpuKind, cpus, memoryMb }) =>
      cpuKind === spec.cpuKind && cpus >= spec.cpus && memoryMb >= spec.memoryMb,
  );
  return type ? { ...spec, cpus: type.cpus, memoryMb: type.memoryMb } : spec;
}

export function writeCards(): string {
  return RATE_CARDS.map(
    ({ version, provider, source, retrieved, doubtful, excluded }) =>
      `**${provider}**: card \`${version}\`, read ${retrieved} from [the vendor's list](${source}). Not counted: ${excluded.join(", ")}. ` +
      `What is not sure:\n\n${doubtful.map((each) => `- ${each}`).join("\n")}`,
  ).join("\n\n");
}

export function writeSizeBounds(): string {
  return `Volumes have ${VOLUME_GB.min} to ${VOLUME_GB.max} GB; memory comes in steps of ${MEMORY_STEP_MB} MB.`;
}

export function writeReleases(): string {
  return table(
    ["agent", "current release", "pinned by"],
    listAgents().map((agent) => {
      const { release, image } = currentRelease(agent);
      return [agent.name, `\`${release}\``, image.digest ? "digest" : "tag"];
    }),
  );
}
