/** Steps that change nothing. */
import type { FlyMachine } from "../schema.ts";
import { METADATA } from "../spec.ts";
import { ABSENT, isVolumeGone, machineState } from "../states.ts";
import {
  done,
  findMachine,
  hold,
  pending,
  type StepContext,
  type StepOutcome,
  seen,
  withoutMachine,
} from "./context.ts";
import { removeLate } from "./late.ts";
import { ended } from "./power.ts";

const PROBE_TIMEOUT_MS = 5_000;
/** Probing is free, asking Fly about the machine is rate limited. */
const LOOK_EVERY_MS = 2_000;

export async function observeMachine(ctx: StepContext): Promise<StepOutcome> {
  const found = await findMachine(ctx);
  if (found.type === "found") return seen(found.machine);
  return found.type === "failed" ? found.outcome : done({ observed: ABSENT });
}

/** "Started" is the machine's word; this is the agent's. */
export async function ready(ctx: StepContext): Promise<StepOutcome> {
  const { target, options } = ctx;
  const id = target.refs.machine;
  if (target.exposure === "private" || options.service?.port === undefined) return done();
  if (id === undefined) return withoutMachine(ctx, await absentOr(ctx));
  let lookAt = ctx.now();
  let last = "";
  const outcome = await hold(ctx, { first: 50, most: 1_000 }, async (remainingMs) => {
    const timeoutMs = Math.max(1_000, Math.min(PROBE_TIMEOUT_MS, remainingMs));
    const status = await ctx.probe(id, options.service?.healthPath ?? "/", timeoutMs);
    if (typeof status === "number" && status < 500) return done();
    last = typeof status === "number" ? `the agent's page answers ${status}` : status;
    if (ctx.now() < lookAt) return undefined;
    lookAt = ctx.now() + LOOK_EVERY_MS;
    const found = await findMachine(ctx);
    return found.type === "found" ? ended(found.machine) : withoutMachine(ctx, found);
  });
  return outcome ?? pending(1_000, `Waiting for the agent: ${last}`);
}

async function absentOr(ctx: StepContext) {
  const found = await findMachine(ctx);
  return found.type === "found" ? ({ type: "absent" } as const) : found;
}

/**
 * Nothing of the instance is left, said by the organization's own lists. A 404 of some path is not enough: it is also the
 * answer to a wrong name, and machines have gone on running, and billing, behind one.
 */
export async function gone(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target } = ctx;
  const [app, machines, volumes] = await Promise.all([
    api.getApp(names.app),
    api.orgMachines(),
    api.orgVolumes(),
  ]);
  if (!machines.ok) return machines.failure.outcome;
  if (!volumes.ok) return volumes.failure.outcome;
  // An app that is shared holds what is not this instance's; there the names decide.
  const isShared = target.exposure === "private";
  const machine = machines.value.find(
    (candidate) =>
      ((candidate.app_name === names.app && (!isShared || candidate.name === names.machine)) ||
        isTagged(candidate, target.instanceId)) &&
      machineState(candidate.state) !== "absent",
  );
  const volume = volumes.value.find(
    ({ app_name, name, state }) =>
      app_name === names.app && (!isShared || name === names.volume) && !isVolumeGone(state),
  );
  if (isShared && (machine !== undefined || volume !== undefined)) return removeLate(ctx);
  if (machine !== undefined)
    return pending(2_000, `Fly still lists the machine ${machine.id} (${machine.state})`);
  if (volume !== undefined)
    return pending(2_000, `Fly still lists the volume ${volume.id} (${volume.state})`);
  if (isShared) return done({ observed: ABSENT });
  if (app.ok) {
    const slug = app.value.organization?.slug;
    if (slug === undefined || slug === ctx.orgSlug)
      return pending(2_000, `Fly still has the app ${names.app}`);
  } else if (app.failure.kind !== "absent" && app.failure.kind !== "forbidden") {
    // Forbidden is as good as absent: the name is somebody else's by now, and the lists have shown the token to be good.
    return app.failure.outcome;
  }
  return done({ observed: ABSENT });
}

function isTagged(machine: FlyMachine, instanceId: string): boolean {
  return machine.config?.metadata?.[METADATA.instance] === instanceId;
}
