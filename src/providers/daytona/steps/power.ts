/** Starting, stopping, pausing: ask, then look until the vendor's own word is there. */
import type { MachineState } from "../../provider.ts";
import type { DaytonaSandbox } from "../schema.ts";
import { machineState, reasonOf } from "../states.ts";
import {
  findSandbox,
  hold,
  missing,
  pending,
  type StepContext,
  type StepOutcome,
  seen,
  withoutSandbox,
} from "./context.ts";
import { lookInside } from "./inside.ts";

/** Classes whose memory outlives a pause; a plain stop is a pause for them as well. */
const PAUSABLE: ReadonlySet<string> = new Set(["linux-vm", "windows"]);

export async function start(ctx: StepContext): Promise<StepOutcome> {
  const found = await findSandbox(ctx);
  if (found.type !== "found") return withoutSandbox(ctx, found);
  const { sandbox } = found;
  const state = machineState(sandbox.state);
  if (state === "started" || state === "starting") return seen(sandbox);
  if (state === "failed") return broken(sandbox);
  const asked = await ctx.api.start(sandbox.id);
  if (asked.ok) return seen({ ...sandbox, state: "starting", updatedAt: undefined });
  return asked.failure.kind === "absent"
    ? missing(`The sandbox ${sandbox.id} is gone`)
    : asked.failure.outcome;
}

/** Up is a sandbox in which somebody answers, and whose main command has not ended. */
export async function boot(ctx: StepContext): Promise<StepOutcome> {
  let last = "starting";
  const outcome = await hold(ctx, async () => {
    const found = await findSandbox(ctx);
    if (found.type !== "found") return withoutSandbox(ctx, found);
    const { sandbox } = found;
    last = `Daytona says that the sandbox is ${sandbox.state}`;
    const state = machineState(sandbox.state);
    if (state === "failed") return broken(sandbox);
    if (state === "stopped") {
      const cause = "The sandbox is stopped, and nothing asked it to start";
      return { type: "retry", afterMs: 1_000, cause } as const;
    }
    if (state !== "started") return undefined;
    const inside = await lookInside(ctx.api, sandbox.id);
    if (inside.type === "running") return seen(sandbox);
    if (inside.type === "ended") return ended(inside.exitCode);
    last = "Daytona says that the sandbox is started, and nobody answers in it yet";
    return undefined;
  });
  return outcome ?? pending(500, last);
}

function ended(exitCode: number): StepOutcome {
  return {
    type: "rejected",
    code: "exited",
    message: `The machine came up and its command ended by itself with exit code ${exitCode}`,
    hint: "Its logs say why: look at the last lines before the exit.",
  };
}

function broken(sandbox: DaytonaSandbox): StepOutcome {
  const reason = reasonOf(sandbox);
  return sandbox.state === "build_failed"
    ? { type: "rejected", code: "invalid_spec", message: `Daytona could not build the image: ${reason}` }
    : {
        type: "rejected",
        code: "exited",
        message: `The sandbox broke down: ${reason}`,
        hint: "Delete the instance and create it again, or recover the sandbox at Daytona.",
      };
}

export async function stop(ctx: StepContext): Promise<StepOutcome> {
  const found = await findSandbox(ctx);
  if (found.type !== "found") return withoutSandbox(ctx, found);
  const { sandbox } = found;
  const state = machineState(sandbox.state);
  if (isDown(state)) return seen(sandbox);
  if (state !== "stopping") {
    // With `force` a virtual machine is really stopped; for a container it would only take the grace away.
    const asked = await ctx.api.stop(sandbox.id, isPausable(sandbox));
    if (!asked.ok && asked.failure.kind !== "not_started") return refused(sandbox, asked.failure);
  }
  return confirm(ctx, sandbox, isDown);
}

export async function suspend(ctx: StepContext): Promise<StepOutcome> {
  const found = await findSandbox(ctx);
  if (found.type !== "found") return withoutSandbox(ctx, found);
  const { sandbox } = found;
  const state = machineState(sandbox.state);
  if (state === "suspended" || isDown(state)) return seen(sandbox);
  if (!isPausable(sandbox)) {
    return {
      type: "rejected",
      code: "unsupported",
      message: `Daytona keeps the memory of virtual machines only; this sandbox is a ${sandbox.sandboxClass ?? "container"}`,
      hint: "Stop it instead: a stopped sandbox costs only its disk, and starts from it.",
    };
  }
  if (state !== "suspending") {
    const asked = await ctx.api.pause(sandbox.id);
    if (!asked.ok && asked.failure.kind !== "not_started") return refused(sandbox, asked.failure);
  }
  return confirm(ctx, sandbox, (now) => now === "suspended" || isDown(now));
}

function refused(
  sandbox: DaytonaSandbox,
  { kind, outcome }: { kind: string; outcome: StepOutcome },
): StepOutcome {
  return kind === "absent" ? lostOnTheWay(sandbox) : outcome;
}

async function confirm(
  ctx: StepContext,
  sandbox: DaytonaSandbox,
  settled: (state: MachineState) => boolean,
): Promise<StepOutcome> {
  let last = sandbox.state;
  const outcome = await hold(ctx, async () => {
    const left = await ctx.api.get(sandbox.id);
    if (!left.ok) return refused(sandbox, left.failure);
    last = left.value.state;
    const state = machineState(last);
    if (state === "absent") return lostOnTheWay(sandbox);
    return settled(state) ? seen(left.value) : undefined;
  });
  return outcome ?? pending(500, `Daytona says that the sandbox is ${last}`);
}

function lostOnTheWay(sandbox: DaytonaSandbox): StepOutcome {
  return missing(`The sandbox ${sandbox.id} went away meanwhile`);
}

function isPausable({ sandboxClass }: DaytonaSandbox): boolean {
  return PAUSABLE.has(sandboxClass ?? "container");
}

function isDown(state: MachineState): boolean {
  return state === "stopped" || state === "failed";
}
