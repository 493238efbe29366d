/** Starting, stopping, suspending: ask, then wait for the vendor's own confirmation. */
import type { MachineState } from "../../provider.ts";
import { MAX_WAIT_SECONDS, type WaitRequest } from "../api.ts";
import type { FlyMachine } from "../schema.ts";
import { STOP } from "../spec.ts";
import { exitCodeOf, machineState, ownExit } from "../states.ts";
import {
  findMachine,
  hold,
  missing,
  pending,
  type StepContext,
  type StepOutcome,
  seen,
  withoutMachine,
} from "./context.ts";
import { findVolumeProblem } from "./volume.ts";

/**
 * Fly's own advice, and beyond it suspending takes longer than a start. For a body a start from the disk is no substitute,
 * since its files lie outside the volume as well: there Fly is asked, and its refusal counts.
 */
const MAX_SUSPEND_MB = 2048;
/** A machine that dies at boot is noticed between two waits, so none of them is long. */
const BOOT_SLICE_SECONDS = 4;
const PAUSE = { first: 100, most: 1_000 };

export async function start(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target } = ctx;
  const [found, lost] = await Promise.all([findMachine(ctx), findVolumeProblem(ctx)]);
  if (found.type !== "found") return withoutMachine(ctx, found);
  if (lost !== undefined) return lost;
  const { machine } = found;
  const mounted = machine.config?.mounts?.[0]?.volume;
  if (target.refs.volume !== undefined && mounted !== undefined && mounted !== target.refs.volume) {
    return missing(
      `The machine ${machine.id} has mounted ${mounted} and not the volume ${target.refs.volume}`,
    );
  }
  const state = stateOf(machine);
  if (state === "started" || state === "starting") return seen(machine);
  const asked = await api.startMachine(names.app, machine.id);
  if (asked.ok) return seen({ ...machine, state: "starting", events: [], updated_at: undefined });
  return asked.failure.kind === "absent"
    ? missing(`The machine ${machine.id} is gone`)
    : asked.failure.outcome;
}

/** Waits first and looks then: a machine that comes up as it should costs two calls. */
export async function boot(ctx: StepContext): Promise<StepOutcome> {
  const { refs } = ctx.target;
  let id = refs.machine;
  let last = "starting";
  const outcome = await hold(ctx, PAUSE, async (remainingMs) => {
    if (id !== undefined)
      await waitFor(ctx, id, { state: "started", seconds: BOOT_SLICE_SECONDS }, remainingMs);
    const found = await findMachine(ctx);
    if (found.type !== "found") return withoutMachine(ctx, found);
    id = found.machine.id;
    last = found.machine.state;
    if (stateOf(found.machine) === "started") return seen(found.machine);
    return ended(found.machine);
  });
  return outcome ?? pending(500, `Fly says that the machine is ${last}`);
}

/** Undefined while the machine may still come up; otherwise why it will not. */
export function ended(machine: FlyMachine): StepOutcome | undefined {
  const state = stateOf(machine);
  if (state !== "stopped" && state !== "failed") return undefined;
  const exit = ownExit(machine);
  if (exit === undefined && state === "stopped") {
    return { type: "retry", afterMs: 1_000, cause: "The machine is stopped, and nothing asked it to start" };
  }
  const code = exit === undefined ? undefined : exitCodeOf(exit);
  const how = exit?.oom_killed === true ? "ran out of memory" : "ended by itself";
  return {
    type: "rejected",
    code: "exited",
    message: `The machine came up and ${how}${code === undefined ? "" : ` with exit code ${code}`}`,
    hint: "Its logs say why: look at the last lines before the exit.",
  };
}

export async function stop(ctx: StepContext): Promise<StepOutcome> {
  const { api, names } = ctx;
  const found = await findMachine(ctx);
  if (found.type !== "found") return withoutMachine(ctx, found);
  const { machine } = found;
  const state = stateOf(machine);
  if (isDown(state)) return seen(machine);
  if (state !== "stopping") {
    const asked = await api.stopMachine(names.app, machine.id, STOP);
    if (!asked.ok) return asked.failure.kind === "absent" ? lostOnTheWay(machine) : asked.failure.outcome;
  }
  return confirm(ctx, machine, { wait: "stopped", settled: isDown });
}

export async function suspend(ctx: StepContext): Promise<StepOutcome> {
  const { api, names, target } = ctx;
  if (target.exposure === "public" && target.spec.memoryMb > MAX_SUSPEND_MB) {
    return {
      type: "rejected",
      code: "unsupported",
      message: `Fly suspends machines of up to ${MAX_SUSPEND_MB} MB; this one has ${target.spec.memoryMb} MB`,
      hint: "Stop it instead: a stopped machine costs the same and starts from its disk.",
    };
  }
  const found = await findMachine(ctx);
  if (found.type !== "found") return withoutMachine(ctx, found);
  const { machine } = found;
  const state = stateOf(machine);
  if (state === "suspended" || isDown(state)) return seen(machine);
  if (state !== "suspending") {
    const asked = await api.suspendMachine(names.app, machine.id);
    if (!asked.ok) return asked.failure.kind === "absent" ? lostOnTheWay(machine) : asked.failure.outcome;
  }
  return confirm(ctx, machine, {
    wait: "suspended",
    settled: (seenState) => seenState === "suspended" || isDown(seenState),
  });
}

async function confirm(
  ctx: StepContext,
  machine: FlyMachine,
  goal: { wait: "stopped" | "suspended"; settled: (state: MachineState) => boolean },
): Promise<StepOutcome> {
  let last = machine.state;
  const outcome = await hold(ctx, PAUSE, async (remainingMs) => {
    const request: WaitRequest = { state: goal.wait, seconds: MAX_WAIT_SECONDS };
    if (machine.instance_id !== undefined) request.version = machine.instance_id;
    await waitFor(ctx, machine.id, request, remainingMs);
    const left = await ctx.api.getMachine(ctx.names.app, machine.id);
    if (!left.ok) return left.failure.kind === "absent" ? lostOnTheWay(machine) : left.failure.outcome;
    last = left.value.state;
    const state = stateOf(left.value);
    if (state === "absent") return lostOnTheWay(machine);
    return goal.settled(state) ? seen(left.value) : undefined;
  });
  return outcome ?? pending(500, `Fly says that the machine is ${last}`);
}

/**
 * Blocks at the vendor for as long as there is time. What it answers does not matter: the look afterwards decides, and a
 * wait that is refused only means that we look more often.
 */
async function waitFor(
  ctx: StepContext,
  id: string,
  request: WaitRequest,
  remainingMs: number,
): Promise<void> {
  const seconds = Math.min(Math.floor(remainingMs / 1000), request.seconds, MAX_WAIT_SECONDS);
  if (seconds >= 1) await ctx.api.wait(ctx.names.app, id, { ...request, seconds });
}

function lostOnTheWay(machine: FlyMachine): StepOutcome {
  return missing(`The machine ${machine.id} went away meanwhile`);
}

function isDown(state: MachineState): boolean {
  return state === "stopped" || state === "failed";
}

function stateOf(machine: FlyMachine): MachineState {
  return machineState(machine.state, machine.host_status);
}
