/** The server itself: made on a confirmed absence, removed on a confirmed one. */
import { isLocation, locationsNear } from "../catalog.ts";
import { labelsOf } from "../names.ts";
import type { HetznerVolume } from "../schema.ts";
import { ABSENT } from "../states.ts";
import { findUserDataProblem } from "../user-data.ts";
import { actionsOf, settle } from "./actions.ts";
import {
  done,
  findServer,
  hold,
  missing,
  pending,
  retry,
  type StepContext,
  type StepOutcome,
  seen,
} from "./context.ts";
import { ensureFirewall, route } from "./place.ts";
import { findPlacements, findSpecProblem, noRoom, type Placement } from "./placement.ts";
import { type Known, knownVolume } from "./volume.ts";

/** Sizes that turned out to be gone after all are passed over, but not without end. */
const MOST_ORDERS = 4;

export async function machine(ctx: StepContext): Promise<StepOutcome> {
  const { target, options } = ctx;
  const found = await findServer(ctx);
  if (found.type === "found") return seen(found.server);
  if (found.type === "failed") return found.outcome;
  if (target.spec.volumeGb > 0 && target.refs.volume === undefined) {
    return missing("The volume of this machine is not known, and a machine without it would start empty");
  }
  const impossible = findSpecProblem(ctx);
  if (impossible !== undefined) return impossible;
  const free = await freeVolume(ctx);
  if (free.type === "problem") return free.outcome;
  if (target.refs.tunnel !== undefined && options.recipe !== undefined) {
    const routed = await route(ctx, target.refs.tunnel, options.recipe.port);
    if (routed.type !== "ok") return routed;
  }
  const firewall = await ensureFirewall(ctx);
  if ("failed" in firewall) return firewall.failed;
  // The server that was is confirmed gone; the new one enrols with a key of its own.
  if (target.refs.machine !== undefined) await ctx.host.forget(target.instanceId);
  return order(ctx, firewall.id, free.type === "volume" ? free.volume : undefined);
}

/** The volume once it is made and on no server, for which there is the hold. */
async function freeVolume(ctx: StepContext): Promise<Known> {
  let known: Known = { type: "none" };
  const unready = await hold(ctx, async () => {
    known = await knownVolume(ctx);
    if (known.type === "problem") return known.outcome;
    return known.type === "none" || isFree(known.volume) ? done() : undefined;
  });
  if (unready?.type === "ok") return known;
  return {
    type: "problem",
    outcome: unready ?? pending(1_000, "The volume is being made, or still on a server"),
  };
}

function isFree({ status, server }: HetznerVolume): boolean {
  return status !== "creating" && (server === null || server === undefined);
}

/** Where the volume is; without one, wherever in the zone there is room. */
async function order(
  ctx: StepContext,
  firewall: number,
  volume: HetznerVolume | undefined,
): Promise<StepOutcome> {
  const { target } = ctx;
  const near = isLocation(target.region) ? locationsNear(target.region) : [];
  const locations = volume === undefined ? near : [volume.location.name];
  const placements = await findPlacements(ctx, locations);
  if (!placements.ok) return placements.failure.outcome;
  const userData = await ctx.userData(volume === undefined ? null : String(volume.id));
  const problem = findUserDataProblem(userData.text);
  if (problem !== undefined) return { type: "rejected", code: "invalid_spec", message: problem };
  let last = noRoom(ctx, volume?.location.name);
  for (const placement of placements.value.slice(0, MOST_ORDERS)) {
    const answer = await create(ctx, { placement, firewall, volume, userData });
    if (answer.type === "made") return answer.outcome;
    last = answer.outcome;
    if (!answer.isNoRoom) return last;
  }
  return last;
}

interface Order {
  placement: Placement;
  firewall: number;
  volume: HetznerVolume | undefined;
  userData: { text: string; secrets: string[] };
}

async function create(
  ctx: StepContext,
  { placement, firewall, volume, userData }: Order,
): Promise<
  { type: "made"; outcome: StepOutcome } | { type: "refused"; isNoRoom: boolean; outcome: StepOutcome }
> {
  const created = await ctx.api.createServer(
    {
      name: ctx.name,
      server_type: placement.serverType,
      image: ctx.image,
      location: placement.location,
      labels: labelsOf(ctx.target),
      firewalls: [{ firewall }],
      volumes: volume === undefined ? [] : [volume.id],
      automount: false,
      public_net: { enable_ipv4: true, enable_ipv6: true },
      start_after_create: true,
      user_data: userData.text,
    },
    userData.secrets,
  );
  // Its id is told at once; what the creation set off is waited for by `boot`.
  if (created.ok) return { type: "made", outcome: withFirewall(seen(created.value.server), firewall) };
  const { kind, outcome } = created.failure;
  if (kind === "exists") return { type: "made", outcome: await adoptNamed(ctx) };
  return { type: "refused", isNoRoom: kind === "no_room", outcome };
}

function withFirewall(outcome: StepOutcome, firewall: number): StepOutcome {
  if (outcome.type !== "ok") return outcome;
  const refs = { ...outcome.value.refs, firewall: String(firewall) };
  return { type: "ok", value: { ...outcome.value, refs } };
}

/** Our name is taken although we saw nobody: an earlier call of ours got there, and its answer was lost. */
async function adoptNamed(ctx: StepContext): Promise<StepOutcome> {
  const found = await findServer(ctx);
  if (found.type === "found") return seen(found.server);
  if (found.type === "failed") return found.outcome;
  return retry(1_000, `Hetzner says that the server ${ctx.name} exists, and does not list it yet`);
}

/** Also for a server whose id got lost while its volume is known: the name finds it, and only then is the volume free. */
export async function unmachine(ctx: StepContext): Promise<StepOutcome> {
  const { api } = ctx;
  const found = await findServer(ctx);
  if (found.type === "failed") return found.outcome;
  if (found.type === "absent") return forgotten(ctx);
  if (found.server.status !== "deleting") {
    const deleted = await api.deleteServer(found.server.id);
    if (!deleted.ok && deleted.failure.kind !== "absent") return deleted.failure.outcome;
    const failed = deleted.ok ? await settle(ctx, actionsOf(deleted.value)) : undefined;
    if (failed !== undefined) return failed;
  }
  const confirmed = await hold(ctx, async () => {
    const left = await findServer(ctx);
    if (left.type === "found") return undefined;
    return left.type === "failed" ? left.outcome : forgotten(ctx);
  });
  return confirmed ?? pending(1_000, `Hetzner is deleting the server ${found.server.id}`);
}

async function forgotten(ctx: StepContext): Promise<StepOutcome> {
  await ctx.host.forget(ctx.target.instanceId);
  return done({ observed: ABSENT });
}
