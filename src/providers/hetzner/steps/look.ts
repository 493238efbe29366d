/** Steps that change nothing. */
import { isOurs, selectInstance } from "../names.ts";
import { ABSENT, observeServer } from "../states.ts";
import {
  done,
  findServer,
  hold,
  observed,
  pending,
  type StepContext,
  type StepOutcome,
  withoutServer,
} from "./context.ts";

const PROBE_TIMEOUT_MS = 5_000;
/** Probing is free, asking Hetzner about the server is rate limited. */
const LOOK_EVERY_MS = 5_000;

export async function observe(ctx: StepContext): Promise<StepOutcome> {
  const found = await findServer(ctx);
  if (found.type === "found") return observed(ctx, found.server);
  return found.type === "failed" ? found.outcome : done({ observed: ABSENT });
}

/** "Running" is the host program's word; this is the agent's, and the whole way to it. */
export async function ready(ctx: StepContext): Promise<StepOutcome> {
  const { target, options } = ctx;
  if (target.exposure === "private" || options.service?.port === undefined) return done();
  const place = target.refs.place ?? (await ctx.origin());
  let lookAt = ctx.now() + LOOK_EVERY_MS;
  let last = "";
  const outcome = await hold(ctx, async (remainingMs) => {
    const timeoutMs = Math.max(1_000, Math.min(PROBE_TIMEOUT_MS, remainingMs));
    const status = await ctx.probe(place, options.service?.healthPath ?? "/", timeoutMs);
    if (typeof status === "number" && status < 500) return done();
    last = typeof status === "number" ? `the agent's page answers ${status}` : status;
    if (ctx.now() < lookAt) return undefined;
    lookAt = ctx.now() + LOOK_EVERY_MS;
    return ended(ctx);
  });
  return outcome ?? (await ended(ctx)) ?? pending(1_000, `Waiting for the agent: ${last}`);
}

/** Undefined while it may still come to answer. */
async function ended(ctx: StepContext): Promise<StepOutcome | undefined> {
  const found = await findServer(ctx);
  if (found.type !== "found") return withoutServer(ctx, found);
  const report = await ctx.host.report(ctx.target.instanceId);
  const { machine, note } = observeServer(found.server, { report, now: ctx.now() });
  if (machine !== "failed") return undefined;
  return {
    type: "rejected",
    code: "exited",
    message: note ?? "The agent came up and ended by itself",
    hint: "Its logs say why: look at the last lines before the exit.",
  };
}

/** Nothing of the instance is left, said by the vendors' own lists: by label, by name, and by the known ids. */
export async function gone(ctx: StepContext): Promise<StepOutcome> {
  const { api, target, name } = ctx;
  const label = { label_selector: selectInstance(target.instanceId) };
  const kinds = {
    server: await Promise.all([api.listServers(label), api.listServers({ name })]),
    volume: await Promise.all([api.listVolumes(label), api.listVolumes({ name })]),
    firewall: await Promise.all([api.listFirewalls(label), api.listFirewalls({ name })]),
  };
  for (const [kind, lists] of Object.entries(kinds)) {
    for (const list of lists) {
      if (!list.ok) return list.failure.outcome;
      // What has our name without our labels is somebody else's, and stays.
      const left = list.value.find(({ labels }) => isOurs(labels, target.instanceId));
      if (left !== undefined) return pending(2_000, `Hetzner still lists the ${kind} ${left.id}`);
    }
  }
  return (await findTunnelLeft(ctx)) ?? done({ observed: ABSENT });
}

async function findTunnelLeft(ctx: StepContext): Promise<StepOutcome | undefined> {
  const tunnels = await ctx.tunnels.listTunnels(ctx.name);
  if (tunnels.type !== "ok") return tunnels;
  const tunnel = tunnels.value.find(({ name }) => name === ctx.name);
  if (tunnel !== undefined) return pending(2_000, `Cloudflare still lists the tunnel ${tunnel.id}`);
  const origin = await ctx.origin();
  const records = await ctx.tunnels.listRecords(origin);
  if (records.type !== "ok") return records;
  const record = records.value.find(({ host }) => host === origin);
  return record === undefined ? undefined : pending(2_000, `Cloudflare still lists the record ${record.id}`);
}
