/** The disk that outlives machines. */
import type { Answer } from "../client.ts";
import type { FlyVolume } from "../schema.ts";
import { volumeBody } from "../spec.ts";
import { isVolumeGone } from "../states.ts";
import { done, hold, missing, pending, type StepContext, type StepOutcome } from "./context.ts";

export async function volume(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target } = ctx;
  if (target.spec.volumeGb === 0) return done();
  if (target.refs.volume !== undefined) {
    return (await findVolumeProblem(ctx)) ?? done({ refs: { volume: target.refs.volume } });
  }
  const named = await listNamed(ctx);
  if (!named.ok) return named.failure.outcome;
  if (named.value.length > 0) return adoptVolume(ctx, named.value);
  const created = await api.createVolume(names.app, volumeBody(target, names));
  if (created.ok) return done({ refs: { volume: created.value.id } });
  // The app answered a moment ago, so it is the source that is not there.
  return created.failure.kind === "absent" && target.sourceVolume !== undefined
    ? missing(`The volume ${target.sourceVolume}, of which this is to be a copy, is gone`)
    : created.failure.outcome;
}

/**
 * Undefined once a fork has its data. [?] Fly may let a machine use a volume that is still being filled; waiting for it
 * costs time alone, while a machine that found half of its data could not be trusted.
 */
export async function findForkUnfinished(ctx: StepContext): Promise<StepOutcome | undefined> {
  const { api, names, target } = ctx;
  if (target.sourceVolume === undefined || target.refs.volume === undefined) return undefined;
  const known = await api.getVolume(names.app, target.refs.volume);
  if (!known.ok) return known.failure.outcome;
  const isFilling = ["creating", "restoring", "hydrating"].includes(known.value.state);
  return isFilling ? pending(1_000, `Copying the data (${known.value.state})`) : undefined;
}

/**
 * Volumes need not have unique names: a lost answer can leave two. The one a machine has mounted holds the data, else the
 * oldest does; every call picks the same one. The rest goes with the app.
 */
function adoptVolume(ctx: StepContext, volumes: FlyVolume[]): StepOutcome {
  const { region } = ctx.target;
  const here = volumes.filter((candidate) => candidate.region === region);
  const chosen =
    here.find((candidate) => Boolean(candidate.attached_machine_id)) ?? here.sort(oldestFirst)[0];
  if (chosen !== undefined) return done({ refs: { volume: chosen.id } });
  const where = volumes.map((candidate) => candidate.region).join(", ");
  return {
    type: "rejected",
    code: "invalid_spec",
    message: `The volume of this instance is in ${where}, not in ${region}: an empty one beside it would hide its data`,
    hint: `Use the region ${where}, or delete the instance.`,
  };
}

function oldestFirst(a: FlyVolume, b: FlyVolume): number {
  return (a.created_at ?? "").localeCompare(b.created_at ?? "") || a.id.localeCompare(b.id);
}

/** Undefined while the known volume is there. One that is gone is never replaced by an empty one. */
export async function findVolumeProblem(ctx: StepContext): Promise<StepOutcome | undefined> {
  const { api, names, target } = ctx;
  const id = target.refs.volume;
  if (id === undefined) return undefined;
  const known = await api.getVolume(names.app, id);
  if (known.ok) return isVolumeGone(known.value.state) ? missing(`The volume ${id} is gone`) : undefined;
  return known.failure.kind === "absent" ? missing(`The volume ${id} is gone`) : known.failure.outcome;
}

export async function unvolume(ctx: StepContext): Promise<StepOutcome> {
  const { api, names } = ctx;
  const listed = await listNamed(ctx);
  // Without an app there is no volume; that it is the app which is missing is what `gone` confirms.
  if (!listed.ok) return listed.failure.kind === "absent" ? done() : listed.failure.outcome;
  for (const { id } of listed.value) {
    const deleted = await api.deleteVolume(names.app, id);
    if (!deleted.ok && deleted.failure.kind !== "absent") return deleted.failure.outcome;
  }
  const confirmed = await hold(ctx, { first: 100, most: 1_000 }, async () => {
    const left = await listNamed(ctx);
    if (!left.ok) return left.failure.kind === "absent" ? done() : left.failure.outcome;
    return left.value.length === 0 ? done() : undefined;
  });
  return confirmed ?? pending(1_000, "Fly is deleting the volume");
}

/** The living volumes in the app that are this instance's, by name or by the known id. */
async function listNamed(ctx: StepContext): Promise<Answer<FlyVolume[]>> {
  const { api, names, target } = ctx;
  const list = await api.listVolumes(names.app);
  if (!list.ok) return list;
  const value = list.value.filter(
    ({ id, name, state }) => (name === names.volume || id === target.refs.volume) && !isVolumeGone(state),
  );
  return { ok: true, value };
}
