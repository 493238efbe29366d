import type { Agent } from "../../../catalog/agent.ts";
import { DEFAULT_REGION } from "../../../catalog/regions.ts";
import { findSizeProblems } from "../../../catalog/sizes.ts";
import { type Room, readRoom } from "../../../services/account/room.ts";
import { liveAgents } from "../../../services/catalog/live.ts";
import type { Ctx } from "../../../services/context.ts";
import { listPlaces, type Place, type Size } from "../../../services/instances/offers.ts";
import { type PlacePrices, sizeWords } from "./price.ts";

/** Everything that can be chosen. */
export interface Options {
  agents: readonly Agent[];
  sizes: readonly Size[];
  places: readonly Place[];
  room: Room;
  /** Nothing can be made at all: why not. */
  isSealable: boolean;
}

/** Besides the sizes that the agents begin with. */
const MORE_SIZES: readonly Size[] = [
  { cpuKind: "shared", cpus: 1, memoryMb: 1_024 },
  { cpuKind: "shared", cpus: 2, memoryMb: 4_096 },
  { cpuKind: "shared", cpus: 4, memoryMb: 8_192 },
  { cpuKind: "performance", cpus: 2, memoryMb: 4_096 },
  { cpuKind: "performance", cpus: 2, memoryMb: 8_192 },
  { cpuKind: "performance", cpus: 4, memoryMb: 16_384 },
];

export async function readOptions(ctx: Ctx): Promise<Options> {
  const [agents, room] = await Promise.all([liveAgents(ctx.env, ctx.now), readRoom(ctx)]);
  const sizes = allSizes(agents);
  const places = listPlaces(ctx.config, sizes, ctx.now);
  return { agents, sizes, places, room, isSealable: ctx.config.sealingKeys.length > 0 };
}

/** `shared-1-2048`. */
export function sizeKey({ cpuKind, cpus, memoryMb }: Size): string {
  return `${cpuKind}-${cpus}-${memoryMb}`;
}

/** `fly:iad`: two vendors may have a region of one name. */
export function placeKey({ provider, region }: Pick<Place, "provider" | "region">): string {
  return `${provider}:${region}`;
}

/** Where an instance goes if nobody says where: the default provider's first choice, as the verb would choose. */
export function defaultPlace(places: readonly Place[]): string {
  const [first] = places;
  if (!first) {
    return "";
  }
  return placeKey(first.provider === "fly" ? { provider: "fly", region: DEFAULT_REGION } : first);
}

export function pricesOf({ offers, volumeGbMicros, leastVolumeGb, billsWhileOff }: Place): PlacePrices {
  return {
    offers: offers.map((offer) => offer && [offer.hourMicros, sizeWords(offer.size)]),
    volumeGbMicros,
    leastVolumeGb,
    billsWhileOff,
  };
}

function allSizes(agents: readonly Agent[]): Size[] {
  const all = [...agents.map(({ size }) => size), ...MORE_SIZES];
  const unique = new Map(all.map((size) => [sizeKey(size), size]));
  return [...unique.values()]
    .filter((size) => findSizeProblems({ ...size, volumeGb: 1 }).length === 0)
    .toSorted((a, b) => rank(a) - rank(b));
}

function rank({ cpuKind, cpus, memoryMb }: Size): number {
  return (cpuKind === "performance" ? 1e9 : 0) + cpus * 1e6 + memoryMb;
}
