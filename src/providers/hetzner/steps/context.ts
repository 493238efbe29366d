/** What every step works with, and how it finds what it works on. */
import type { Tunnels } from "../../cloudflare/tunnels.ts";
import type { HostLink } from "../../host-link.ts";
import type { Observation, Outcome, Refs, StepOptions, StepValue, Target } from "../../provider.ts";
import type { HetznerApi } from "../api.ts";
import type { Failed } from "../classify.ts";
import { isOurs } from "../names.ts";
import type { HetznerServer } from "../schema.ts";
import { askedToEndAt, observeServer, serverState, switchedOffAt, switchedOnAt } from "../states.ts";

export interface StepContext {
  api: HetznerApi;
  tunnels: Tunnels;
  host: HostLink;
  /** Of the server, the volume, the firewall and the tunnel alike. */
  name: string;
  target: Target;
  options: StepOptions;
  /** When the step's hold is over, however many things it waits for one after the other. */
  until: number;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** The host name under which the tunnel is reached. */
  origin: () => Promise<string>;
  tunnelSecret: () => Promise<string>;
  userData: (volume: string | null) => Promise<{ text: string; secrets: string[] }>;
  /** How long the operating system has to end before the power is cut. */
  shutdownGraceMs: number;
  image: string;
  /** GET of a path of the agent through its tunnel: its status, or why there was none. */
  probe: (place: string, path: string, timeoutMs: number) => Promise<number | string>;
}

export type StepOutcome = Outcome<StepValue>;
export type StepRun = (ctx: StepContext) => Promise<StepOutcome>;

export type Found =
  | { type: "found"; server: HetznerServer }
  | { type: "absent" }
  | { type: "failed"; outcome: Failed };

/** Every look costs from a limit that all instances share, so looks get rarer the longer something takes. */
export const PACE = { first: 250, most: 4_000 } as const;

/** The known server, else one of our name: an id can get lost, a name cannot. */
export async function findServer(ctx: StepContext): Promise<Found> {
  const { api, target, name } = ctx;
  if (target.refs.machine !== undefined) {
    const known = await api.getServer(target.refs.machine);
    if (known.ok) return own(ctx, known.value);
    if (known.failure.kind !== "absent") return { type: "failed", outcome: known.failure.outcome };
  }
  const named = await api.listServers({ name });
  if (!named.ok) return { type: "failed", outcome: named.failure.outcome };
  const server = named.value.find((candidate) => candidate.name === name);
  return server === undefined ? { type: "absent" } : own(ctx, server);
}

function own(ctx: StepContext, server: HetznerServer): Found {
  if (isOurs(server.labels, ctx.target.instanceId)) return { type: "found", server };
  return { type: "failed", outcome: foreign(`server ${server.name} (${server.id})`) };
}

export function foreign(what: string): Failed {
  return {
    type: "rejected",
    code: "name_taken",
    message: `The ${what} exists at Hetzner without our labels: it is not ours`,
    hint: "Rename it, or use another Hetzner project.",
  };
}

export function done(value: { refs?: Refs; observed?: Observation } = {}): StepOutcome {
  return { type: "ok", value };
}

export function pending(afterMs: number, note: string): StepOutcome {
  return { type: "pending", afterMs, note };
}

export function retry(afterMs: number, cause: string): StepOutcome {
  return { type: "retry", afterMs, cause };
}

export function missing(message: string): StepOutcome {
  const hint = "Nothing was created in its place. Delete the instance, or restore the resource at Hetzner.";
  return { type: "rejected", code: "missing", message, hint };
}

/** For steps that need a server: how to answer when there is none. */
export function withoutServer(ctx: StepContext, found: Exclude<Found, { type: "found" }>): StepOutcome {
  if (found.type === "failed") return found.outcome;
  return missing(`The server ${ctx.target.refs.machine ?? ctx.name} is gone`);
}

/** Ok with what the server itself is now; its id goes along, since it may have been found by name. */
export function seen(server: HetznerServer): StepOutcome {
  return done({ refs: { machine: String(server.id) }, observed: observeServer(server, undefined) });
}

/** The server with what runs on it, and since when. What the vendor's own list of actions costs is spent where it tells something. */
export async function observed(ctx: StepContext, server: HetznerServer): Promise<StepOutcome> {
  const refs = { machine: String(server.id) };
  const state = serverState(server.status);
  if (state === "stopped") {
    const actions = await ctx.api.serverActions(server.id);
    const since = actions.ok ? switchedOffAt(actions.value.actions) : undefined;
    const observation = observeServer(server, undefined);
    return done({ refs, observed: since === undefined ? observation : { ...observation, since } });
  }
  if (state !== "started") return seen(server);
  const report = await ctx.host.report(ctx.target.instanceId);
  // Of a host that is not connected, it must be known whether what it said was before the server was switched on.
  const bootAt = report.connected || report.seenAt === null ? undefined : await bootTime(ctx, server);
  return done({ refs, observed: observeServer(server, { report, switchedOnAt: bootAt, now: ctx.now() }) });
}

export async function bootTime(ctx: StepContext, server: HetznerServer): Promise<number | undefined> {
  const actions = await ctx.api.serverActions(server.id);
  return actions.ok ? switchedOnAt(actions.value.actions) : undefined;
}

export async function endAskedAt(ctx: StepContext, server: HetznerServer): Promise<number | undefined> {
  const actions = await ctx.api.serverActions(server.id);
  return actions.ok ? askedToEndAt(actions.value.actions) : undefined;
}

/** Asks until there is an answer or the hold is over. `look` returns undefined for "not yet". */
export async function hold(
  ctx: StepContext,
  look: (remainingMs: number) => Promise<StepOutcome | undefined>,
): Promise<StepOutcome | undefined> {
  const { until } = ctx;
  let pause: number = PACE.first;
  for (;;) {
    const outcome = await look(Math.max(0, until - ctx.now()));
    if (outcome !== undefined) return outcome;
    const remaining = until - ctx.now();
    if (remaining <= 0) return undefined;
    await ctx.sleep(Math.min(pause, remaining));
    pause = Math.min(pause * 1.5, PACE.most);
  }
}
