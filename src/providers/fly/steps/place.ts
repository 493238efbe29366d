/** The app around a machine and its public addresses. */
import type { Failure } from "../classify.ts";
import type { FlyApp } from "../schema.ts";
import { appBody } from "../spec.ts";
import { done, hold, pending, type StepContext, type StepOutcome } from "./context.ts";

export async function place(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, orgSlug } = ctx;
  const existing = await api.getApp(names.app);
  if (existing.ok) return adopt(ctx, existing.value);
  if (existing.failure.kind !== "absent") return refusal(ctx, existing.failure);
  const created = await api.createApp(appBody(names, orgSlug));
  if (created.ok) return waitForApp(ctx);
  if (created.failure.kind !== "taken" && created.failure.kind !== "exists") return created.failure.outcome;
  // Taken between our look and our write: by ourselves, if an earlier answer was lost.
  const taken = await api.getApp(names.app);
  if (taken.ok) return adopt(ctx, taken.value);
  if (taken.failure.kind !== "absent") return refusal(ctx, taken.failure);
  return {
    type: "retry",
    afterMs: 1_000,
    cause: `Fly says that ${names.app} is taken, and does not show it yet`,
  };
}

/** For a moment after its creation an app may answer 404 or 401, and so would everything made in it. */
async function waitForApp(ctx: StepContext): Promise<StepOutcome> {
  const shown = await hold(ctx, { first: 100, most: 1_000 }, async () => {
    const app = await ctx.api.getApp(ctx.names.app);
    return app.ok ? done({ refs: { place: ctx.names.app } }) : undefined;
  });
  return shown ?? pending(500, `Fly has made the app ${ctx.names.app} and does not show it yet`);
}

function adopt(ctx: StepContext, app: FlyApp): StepOutcome {
  const { names, orgSlug } = ctx;
  const slug = app.organization?.slug;
  if (slug !== undefined && slug !== orgSlug) return foreign(`the organization ${slug}`, names.app);
  // The network is an app's only mark of its maker, and a machine on another one would not be isolated.
  if (app.network !== undefined && app.network !== "" && app.network !== names.network) {
    return foreign(`the network ${app.network}`, names.app);
  }
  return done({ refs: { place: names.app } });
}

function foreign(where: string, app: string): StepOutcome {
  return {
    type: "rejected",
    code: "name_taken",
    message: `The app ${app} exists in ${where}: it is not ours`,
  };
}

/** 403 is how Fly says that the name belongs to another organization. */
function refusal(ctx: StepContext, failure: Failure): StepOutcome {
  return failure.kind === "forbidden" ? foreign("another organization", ctx.names.app) : failure.outcome;
}

/** A shared IPv4 and an IPv6 cost nothing, and together make the app reachable from everywhere. */
export async function address(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target } = ctx;
  if (target.exposure === "private") return done();
  const list = await api.listAddresses(names.app);
  if (!list.ok) return list.failure.outcome;
  const has = {
    shared_v4: list.value.ips.some(({ ip }) => !ip.includes(":")),
    // fdaa:… is an address of the private network.
    v6: list.value.ips.some(({ ip }) => ip.includes(":") && !ip.startsWith("fdaa:")),
  };
  for (const type of ["shared_v4", "v6"] as const) {
    if (has[type]) continue;
    const assigned = await api.assignAddress(names.app, type);
    if (!assigned.ok) return assigned.failure.outcome;
  }
  return done();
}

/**
 * Deleting an app takes everything in it along. So the one that private instances share is left alone: another may be in it,
 * or be made in it between our look and our write, and an empty app costs nothing.
 */
export async function unplace(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target } = ctx;
  if (target.exposure === "private") return done();
  const existing = await api.getApp(names.app);
  if (!existing.ok) return existing.failure.kind === "absent" ? done() : refusal(ctx, existing.failure);
  const verdict = adopt(ctx, existing.value);
  if (verdict.type !== "ok") return verdict;
  const deleted = await api.deleteApp(names.app);
  if (!deleted.ok && deleted.failure.kind !== "absent") return deleted.failure.outcome;
  const confirmed = await hold(ctx, { first: 100, most: 1_000 }, async () => {
    const left = await api.getApp(names.app);
    if (left.ok) return undefined;
    return left.failure.kind === "absent" ? done() : left.failure.outcome;
  });
  return confirmed ?? pending(1_000, `Fly is deleting the app ${names.app}`);
}
