/** Starting and stopping: ask, then wait for the vendor's own confirmation, and for the host program's. */
import type { HetznerServer } from "../schema.ts";
import { observeServer, serverState } from "../states.ts";
import { actionsOf, findFailed, settle } from "./actions.ts";
import {
  bootTime,
  done,
  endAskedAt,
  findServer,
  hold,
  observed,
  pending,
  retry,
  type StepContext,
  type StepOutcome,
  seen,
  withoutServer,
} from "./context.ts";
import { attach } from "./volume.ts";

/** Its volume is on it before it is switched on: an agent that started without it would start empty. */
export async function start(ctx: StepContext): Promise<StepOutcome> {
  const found = await findServer(ctx);
  if (found.type !== "found") return withoutServer(ctx, found);
  const { server } = found;
  const unattached = await attach(ctx, server.id);
  if (unattached !== undefined) return unattached;
  const state = serverState(server.status);
  if (state === "started" || state === "starting") return seen(server);
  const asked = await ctx.api.powerOn(server.id);
  if (!asked.ok) {
    return asked.failure.kind === "absent" ? withoutServer(ctx, { type: "absent" }) : asked.failure.outcome;
  }
  return (await settle(ctx, actionsOf(asked.value))) ?? seen({ ...server, status: "starting" });
}

/** The server runs, its volume is on it, its host program has enrolled and is connected, and the agent is up. */
export async function boot(ctx: StepContext): Promise<StepOutcome> {
  let last = "Hetzner is making the server";
  let bootAt: number | undefined;
  const outcome = await hold(ctx, async () => {
    const found = await findServer(ctx);
    if (found.type !== "found") return withoutServer(ctx, found);
    const { server } = found;
    const state = serverState(server.status);
    if (state === "stopped" || state === "starting") {
      last = `Hetzner says that the server is ${server.status}`;
      return waitForPower(ctx, server);
    }
    if (state !== "started") {
      last = `Hetzner says that the server is ${server.status}`;
      return undefined;
    }
    const unattached = await attach(ctx, server.id);
    if (unattached !== undefined) return unattached;
    bootAt ??= await bootTime(ctx, server);
    const verdict = await listen(ctx, server, bootAt);
    if (typeof verdict !== "string") return verdict;
    last = verdict;
    return undefined;
  });
  return outcome ?? pending(1_000, last);
}

/** What was set off by the creation, or by switching it on, is asked about in one call. */
async function waitForPower(ctx: StepContext, server: HetznerServer): Promise<StepOutcome | undefined> {
  const listed = await ctx.api.serverActions(server.id);
  if (!listed.ok) return listed.failure.outcome;
  const running = listed.value.actions.filter(({ status }) => status === "running");
  if (running.length > 0) return settle(ctx, running);
  if (serverState(server.status) !== "stopped") return undefined;
  const [latest] = listed.value.actions;
  const failed = findFailed(latest === undefined ? [] : [latest]);
  return failed ?? retry(1_000, "The server is off, and nothing asked it to start");
}

/** Ok once the agent runs, a refusal once it has ended, and until then what it is at. */
async function listen(
  ctx: StepContext,
  server: HetznerServer,
  bootAt: number | undefined,
): Promise<StepOutcome | string> {
  const report = await ctx.host.report(ctx.target.instanceId);
  const observation = observeServer(server, { report, switchedOnAt: bootAt, now: ctx.now() });
  if (observation.machine === "started" && report.connected) {
    return done({ refs: { machine: String(server.id) }, observed: observation });
  }
  if (observation.machine !== "failed") return observation.note ?? "Waiting for the host program";
  return {
    type: "rejected",
    code: "exited",
    message: observation.note ?? "The agent came up and ended by itself",
    hint: "Its logs say why: look at the last lines before the exit.",
  };
}

/**
 * The agent first, then the operating system, and the power at last: each only where the one before did not do. Which it is
 * at is read from the vendor's own list of actions, so any driver can go on from where another one left.
 */
export async function stop(ctx: StepContext): Promise<StepOutcome> {
  const { api, host, target } = ctx;
  const found = await findServer(ctx);
  if (found.type !== "found") return withoutServer(ctx, found);
  const { server } = found;
  if (serverState(server.status) === "stopped") return observed(ctx, server);
  let askedAt = await endAskedAt(ctx, server);
  if (askedAt === undefined && server.status !== "stopping") {
    const quiet = await host.quiesce(target.instanceId);
    if (quiet.type !== "ok") return quiet;
    const asked = await api.shutDown(server.id);
    if (!asked.ok) {
      return asked.failure.kind === "absent" ? withoutServer(ctx, { type: "absent" }) : asked.failure.outcome;
    }
    const failed = await settle(ctx, actionsOf(asked.value));
    if (failed !== undefined) return failed;
    askedAt = ctx.now();
  }
  return untilOff(ctx, askedAt ?? ctx.now());
}

async function untilOff(ctx: StepContext, askedAt: number): Promise<StepOutcome> {
  let last = "stopping";
  const outcome = await hold(ctx, async () => {
    const left = await findServer(ctx);
    if (left.type !== "found") return withoutServer(ctx, left);
    last = left.server.status;
    if (serverState(last) === "stopped") return observed(ctx, left.server);
    if (ctx.now() - askedAt < ctx.shutdownGraceMs || last !== "running") return undefined;
    const cut = await ctx.api.powerOff(left.server.id);
    return cut.ok ? settle(ctx, actionsOf(cut.value)) : cut.failure.outcome;
  });
  return outcome ?? pending(1_000, `Hetzner says that the server is ${last}`);
}

/** A server can only be off, and then its memory is gone. */
export async function suspend(): Promise<StepOutcome> {
  return {
    type: "rejected",
    code: "unsupported",
    message: "Hetzner does not suspend servers",
    hint: "Stop it instead. Hetzner bills a server that is off in full, until it is deleted.",
  };
}
