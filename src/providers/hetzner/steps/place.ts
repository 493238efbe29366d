/** The way in: a tunnel, and the name that leads to it. And the wall: a firewall that lets nothing in. */
import type { IngressRule } from "../../cloudflare/tunnels.ts";
import type { Outcome } from "../../provider.ts";
import type { Failed } from "../classify.ts";
import type { Answer } from "../client.ts";
import { isOurs, labelsOf, selectInstance } from "../names.ts";
import type { HetznerFirewall } from "../schema.ts";
import { actionsOf, settle } from "./actions.ts";
import { done, foreign, type StepContext, type StepOutcome } from "./context.ts";

/** A machine that is used by exec alone is reached through its host program, and has neither tunnel nor name. */
export async function place(ctx: StepContext): Promise<StepOutcome> {
  if (ctx.target.exposure === "private") return done();
  const tunnel = await ctx.tunnels.ensureTunnel(ctx.name, await ctx.tunnelSecret());
  if (tunnel.type !== "ok") return tunnel;
  const { tunnelId } = tunnel.value;
  const routed = await route(ctx, tunnelId, ctx.options.service?.port);
  if (routed.type !== "ok") return routed;
  const origin = await ctx.origin();
  const record = await ctx.tunnels.ensureRecord(origin, tunnelId);
  if (record.type !== "ok") return record;
  return done({ refs: { place: origin, tunnel: tunnelId, record: record.value.recordId } });
}

/** What the tunnel lets through: the agent's port under the origin's name, and nothing else. */
export async function route(
  ctx: StepContext,
  tunnelId: string,
  port: number | undefined,
): Promise<Outcome<void>> {
  const rest: IngressRule = { service: "http_status:404" };
  const rules =
    port === undefined
      ? [rest]
      : [{ hostname: await ctx.origin(), service: `http://localhost:${port}` }, rest];
  return ctx.tunnels.configure(tunnelId, rules);
}

export async function address(ctx: StepContext): Promise<StepOutcome> {
  const firewall = await ensureFirewall(ctx);
  return "failed" in firewall ? firewall.failed : done({ refs: { firewall: String(firewall.id) } });
}

/** One firewall of our name that lets nothing in; whatever rules somebody gave it are taken away again. */
export async function ensureFirewall(
  ctx: StepContext,
): Promise<{ id: number } | { failed: Failed | StepOutcome }> {
  const { api, name, target } = ctx;
  const before = await findFirewall(ctx);
  if (before !== undefined) return before;
  const created = await api.createFirewall({ name, labels: labelsOf(target), rules: [] });
  if (created.ok) return { id: created.value.firewall.id };
  if (created.failure.kind !== "exists") return { failed: created.failure.outcome };
  const after = await findFirewall(ctx);
  if (after !== undefined) return after;
  const cause = `Hetzner says that the firewall ${name} exists, and does not list it yet`;
  return { failed: { type: "retry", afterMs: 1_000, cause } };
}

async function findFirewall(
  ctx: StepContext,
): Promise<{ id: number } | { failed: Failed | StepOutcome } | undefined> {
  const listed = await ctx.api.listFirewalls({ name: ctx.name });
  if (!listed.ok) return { failed: listed.failure.outcome };
  const firewall = listed.value.find(({ name }) => name === ctx.name);
  if (firewall === undefined) return undefined;
  if (!isOurs(firewall.labels, ctx.target.instanceId))
    return { failed: foreign(`firewall ${firewall.name}`) };
  if (firewall.rules.some(({ direction }) => direction === "in")) {
    const closed = await ctx.api.setRules(firewall.id, []);
    if (!closed.ok) return { failed: closed.failure.outcome };
    const problem = await settle(ctx, actionsOf(closed.value));
    if (problem !== undefined) return { failed: problem };
  }
  return { id: firewall.id };
}

/** In this order nothing is held by what is removed after it: the firewall's server is gone, and the tunnel's connector with it. */
export async function unplace(ctx: StepContext): Promise<StepOutcome> {
  const { api, tunnels, target, name } = ctx;
  const listed = await listOwnFirewalls(ctx);
  if (!listed.ok) return listed.failure.outcome;
  for (const firewall of listed.value) {
    if (!isOurs(firewall.labels, target.instanceId)) return foreign(`firewall ${firewall.name}`);
    const deleted = await api.deleteFirewall(firewall.id);
    if (!deleted.ok && deleted.failure.kind !== "absent") return deleted.failure.outcome;
  }
  const { tunnel, record } = target.refs;
  if (target.exposure === "private" && tunnel === undefined && record === undefined) return done();
  const untunnelled = await tunnels.removeTunnel(tunnel, name);
  if (untunnelled.type !== "ok") return untunnelled;
  const unnamed = await tunnels.removeRecord(record, await ctx.origin());
  return unnamed.type === "ok" ? done() : unnamed;
}

/** By label, and by name for one that lost its labels or never was ours. */
async function listOwnFirewalls(ctx: StepContext): Promise<Answer<HetznerFirewall[]>> {
  const named = await ctx.api.listFirewalls({ name: ctx.name });
  if (!named.ok) return named;
  const labelled = await ctx.api.listFirewalls({ label_selector: selectInstance(ctx.target.instanceId) });
  if (!labelled.ok) return labelled;
  const ids = new Set(labelled.value.map(({ id }) => id));
  return { ok: true, value: [...labelled.value, ...named.value.filter(({ id }) => !ids.has(id))] };
}
