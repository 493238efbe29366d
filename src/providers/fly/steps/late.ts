/** What a creation wrote at the vendor after its deletion had looked there already: it is removed where it is found. */
import { pending, type StepContext, type StepOutcome } from "./context.ts";
import { unmachine } from "./machine.ts";
import { unvolume } from "./volume.ts";

/** A volume that will not go may have a machine by now, which would hold it for ever. */
export async function unvolumeWithLate(ctx: StepContext): Promise<StepOutcome> {
  const removed = await unvolume(ctx);
  if (removed.type !== "retry") return removed;
  const late = await unmachine(ctx);
  return late.type === "rejected" ? late : removed;
}

/** In an app that goes, all of it goes along; in one that stays, it is removed by its name. */
export async function removeLate(ctx: StepContext): Promise<StepOutcome> {
  for (const remove of [unmachine, unvolumeWithLate]) {
    const removed = await remove(ctx);
    if (removed.type !== "ok") return removed;
  }
  return pending(500, "Fly still lists something of the instance");
}
