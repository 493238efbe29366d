import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { requireBudget } from "../account/budget.ts";
import { requireNotOver } from "../account/quota.ts";
import { type Ctx, causeOf } from "../context.ts";
import { driveUntilSettled } from "./settle.ts";

/** Waking takes seconds; a caller with a command is held this long, in milliseconds. */
const WAKE_MS = 60_000;
/** So long for one that is still being made: its image may have to come first. */
const BIRTH_MS = 180_000;
/** Falling asleep, waking and starting are three; what has not come to rest by then is being pulled both ways. */
const MOVES = 5;

export interface WakeOptions {
  /** Asked before the machine is started; throws where it may not be. */
  require?: (ctx: Ctx) => Promise<void>;
  /** In milliseconds: after so long the answer is what the instance is then. What was begun goes on. */
  withinMs?: number;
}

/**
 * Brings what sleeps to run, and waits for what is on its way there. A public instance that was stopped stays stopped, since
 * somebody wanted it so; a body is wanted by whoever uses it.
 * @returns the instance as it is then, running or not.
 */
export async function wakeInstance(
  ctx: Ctx,
  found: InstanceRow,
  { require = requireFunds, withinMs = Number.POSITIVE_INFINITY }: WakeOptions = {},
): Promise<InstanceRow> {
  const stub = instanceStub(ctx.env, found.id);
  const isBody = found.exposure === "private";
  const deadline = Date.now() + withinMs;
  let row = found;
  for (let moves = 0; moves < MOVES && Date.now() < deadline; moves++) {
    const intent = wakingIntent(row.state, isBody);
    if (intent) {
      await require(ctx);
      await stub.intend(intent, causeOf(ctx));
    } else if (!isAwaited(row.state, isBody)) {
      return row;
    }
    const patienceMs = row.state === "creating" ? BIRTH_MS : WAKE_MS;
    row = await driveUntilSettled(ctx, stub, row, Math.min(patienceMs, deadline - Date.now()));
  }
  return row;
}

async function requireFunds(ctx: Ctx): Promise<void> {
  await requireBudget(ctx);
  await requireNotOver(ctx.db, ctx.accountId);
}

function wakingIntent(state: string, isBody: boolean): "resume" | "start" | undefined {
  if (state === "suspended") {
    return "resume";
  }
  return state === "stopped" && isBody ? "start" : undefined;
}

function isAwaited(state: string, isBody: boolean): boolean {
  return (
    state === "starting" || state === "suspending" || (isBody && ["creating", "stopping"].includes(state))
  );
}
