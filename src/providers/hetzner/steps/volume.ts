/** The disk that outlives servers. It lives in one location for good, so it is the volume that decides where the server will be. */
import { isLocation, locationsNear, volumeSizeOf } from "../catalog.ts";
import type { Answer } from "../client.ts";
import { isOurs, labelsOf, selectInstance } from "../names.ts";
import type { HetznerVolume } from "../schema.ts";
import { actionsOf, settle } from "./actions.ts";
import {
  done,
  findServer,
  foreign,
  hold,
  missing,
  pending,
  retry,
  type StepContext,
  type StepOutcome,
} from "./context.ts";
import { findPlacements, findSpecProblem, noRoom, type Placement } from "./placement.ts";

export async function volume(ctx: StepContext): Promise<StepOutcome> {
  const { target } = ctx;
  if (target.spec.volumeGb === 0) return done();
  if (target.refs.volume !== undefined) {
    return (await findVolumeProblem(ctx)) ?? done({ refs: { volume: target.refs.volume } });
  }
  const named = await listOwn(ctx);
  if (!named.ok) return named.failure.outcome;
  const [known] = named.value;
  if (known !== undefined) return adopt(ctx, known);
  const problem = findSpecProblem(ctx);
  return problem ?? create(ctx);
}

/** Where there is a server to be had as well; elsewhere in the zone when the wanted location has none, or no disk. */
async function create(ctx: StepContext): Promise<StepOutcome> {
  const { target } = ctx;
  if (!isLocation(target.region)) return noRoom(ctx);
  const placements = await findPlacements(ctx, locationsNear(target.region));
  if (!placements.ok) return placements.failure.outcome;
  const locations = [...new Set(placements.value.map(({ location }: Placement) => location))];
  let last: StepOutcome = noRoom(ctx);
  for (const location of locations) {
    const created = await ctx.api.createVolume({
      name: ctx.name,
      size: volumeSizeOf(target.spec),
      location,
      format: "ext4",
      labels: labelsOf(target),
    });
    if (created.ok) return done({ refs: { volume: String(created.value.volume.id) } });
    if (created.failure.kind === "exists") return adoptNamed(ctx);
    last = created.failure.outcome;
    if (created.failure.kind !== "no_room") return last;
  }
  return last;
}

/** Our name is taken although we saw nobody: an earlier call of ours got there, and its answer was lost. */
async function adoptNamed(ctx: StepContext): Promise<StepOutcome> {
  const named = await listOwn(ctx);
  if (!named.ok) return named.failure.outcome;
  const [known] = named.value;
  return known === undefined
    ? retry(1_000, `Hetzner says that the volume ${ctx.name} exists, and does not list it yet`)
    : adopt(ctx, known);
}

function adopt(ctx: StepContext, known: HetznerVolume): StepOutcome {
  if (!isOurs(known.labels, ctx.target.instanceId)) return foreign(`volume ${known.name} (${known.id})`);
  return done({ refs: { volume: String(known.id) } });
}

/** Undefined while the known volume is there. One that is gone is never replaced by an empty one. */
export async function findVolumeProblem(ctx: StepContext): Promise<StepOutcome | undefined> {
  const known = await knownVolume(ctx);
  return known.type === "problem" ? known.outcome : undefined;
}

export type Known =
  | { type: "none" }
  | { type: "volume"; volume: HetznerVolume }
  | { type: "problem"; outcome: StepOutcome };

export async function knownVolume({ api, target }: StepContext): Promise<Known> {
  const id = target.refs.volume;
  if (id === undefined) return { type: "none" };
  const known = await api.getVolume(id);
  if (!known.ok) {
    const isAbsent = known.failure.kind === "absent";
    return {
      type: "problem",
      outcome: isAbsent ? missing(`The volume ${id} is gone`) : known.failure.outcome,
    };
  }
  return isOurs(known.value.labels, target.instanceId)
    ? { type: "volume", volume: known.value }
    : { type: "problem", outcome: foreign(`volume ${known.value.name} (${id})`) };
}

/** Puts the known volume on this server, where it belongs. Undefined once it is there. */
export async function attach(ctx: StepContext, serverId: number): Promise<StepOutcome | undefined> {
  const known = await knownVolume(ctx);
  if (known.type === "none") return undefined;
  if (known.type === "problem") return known.outcome;
  const { id, server } = known.volume;
  if (server === serverId) return undefined;
  if (server !== null && server !== undefined) {
    return missing(`The volume ${id} is attached to the server ${server} and not to ${serverId}`);
  }
  const attached = await ctx.api.attachVolume(id, serverId);
  if (!attached.ok) return attached.failure.outcome;
  return settle(ctx, actionsOf(attached.value));
}

export async function unvolume(ctx: StepContext): Promise<StepOutcome> {
  const { api, target } = ctx;
  const listed = await listOwn(ctx);
  if (!listed.ok) return listed.failure.outcome;
  for (const found of listed.value) {
    if (!isOurs(found.labels, target.instanceId)) return foreign(`volume ${found.name} (${found.id})`);
    const held = await free(ctx, found);
    if (held !== undefined) return held;
    const deleted = await api.deleteVolume(found.id);
    if (!deleted.ok && deleted.failure.kind !== "absent") return deleted.failure.outcome;
  }
  const confirmed = await hold(ctx, async () => {
    const left = await listOwn(ctx);
    if (!left.ok) return left.failure.outcome;
    return left.value.length === 0 ? done() : undefined;
  });
  return confirmed ?? pending(1_000, "Hetzner is deleting the volume");
}

/** A disk is not pulled out of our own server: that goes first. From anything else it is. */
async function free(ctx: StepContext, { id, server }: HetznerVolume): Promise<StepOutcome | undefined> {
  if (server === null || server === undefined) return undefined;
  const found = await findServer(ctx);
  if (found.type === "failed") return found.outcome;
  if (found.type === "found" && found.server.id === server) {
    return retry(2_000, `The volume ${id} is still attached to the server ${server}`);
  }
  const detached = await ctx.api.detachVolume(id);
  if (!detached.ok) return detached.failure.kind === "absent" ? undefined : detached.failure.outcome;
  return settle(ctx, actionsOf(detached.value));
}

/** This instance's, by name, by label or by the known id. */
async function listOwn({ api, target, name }: StepContext): Promise<Answer<HetznerVolume[]>> {
  const labelled = await api.listVolumes({ label_selector: selectInstance(target.instanceId) });
  if (!labelled.ok) return labelled;
  const named = await api.listVolumes({ name });
  if (!named.ok) return named;
  const ids = new Set(labelled.value.map(({ id }) => id));
  return { ok: true, value: [...labelled.value, ...named.value.filter(({ id }) => !ids.has(id))] };
}
